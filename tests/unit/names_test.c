/* Names and addresses as they are read and judged: DNS packets, paths, who may be reached. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "names/dns.h"
#include "names/names.h"
#include "notify/judge.h"
#include "peers.h"

Suite *names_suite(void);

/* DNS --------------------------------------------------------------------------------------------------------------------- */

static size_t ask(uint8_t *to, const char *name, unsigned type)
{
	static const uint8_t head[12] = {0x12, 0x34, 1, 0, 0, 1};
	uint8_t *p = to + sizeof head;

	memcpy(to, head, sizeof head);
	while (*name) {
		const size_t len = strcspn(name, ".");
		*p++ = (uint8_t)len;
		memcpy(p, name, len);
		p += len;
		name += len + (name[len] == '.');
	}
	const uint8_t tail[] = {0, (uint8_t)(type >> 8), (uint8_t)type, 0, 1};
	memcpy(p, tail, sizeof tail);
	return (size_t)(p - to) + sizeof tail;
}

START_TEST(a_question_is_read)
{
	uint8_t packet[512];
	struct dns_question q;
	const size_t size = ask(packet, "Example.ORG", DNS_AAAA);

	ck_assert_int_eq(dns_read(packet, size, &q), 0);
	ck_assert_str_eq(q.name, "example.org");
	ck_assert_uint_eq(q.type, DNS_AAAA);
	ck_assert_uint_eq(q.id, 0x1234);
	/* Whatever is cut off, and whatever stands behind it. */
	for (size_t cut = 0; cut < size; cut++) {
		uint8_t *copy = malloc(cut + 1);
		memcpy(copy, packet, cut);
		ck_assert_int_ne(dns_read(copy, cut, &q), 0);
		free(copy);
	}
	memset(packet + size, 0xff, 100);
	ck_assert_int_eq(dns_read(packet, size + 100, &q), 0);
}
END_TEST

START_TEST(what_is_no_question)
{
	uint8_t packet[600], text[300];
	struct dns_question q;
	size_t size = ask(packet, "a.b", DNS_A);

	packet[2] |= 0x80; /* an answer */
	ck_assert_int_eq(dns_read(packet, size, &q), -EBADMSG);
	packet[2] = 0x11; /* another operation */
	ck_assert_int_eq(dns_read(packet, size, &q), DNS_NOTIMP);
	packet[2] = 1;
	packet[5] = 2;
	ck_assert_int_eq(dns_read(packet, size, &q), DNS_FORMERR);
	packet[5] = 1;
	packet[12] = 0xc0; /* a pointer */
	ck_assert_int_eq(dns_read(packet, size, &q), DNS_FORMERR);
	packet[12] = 64; /* a label that is too long */
	ck_assert_int_eq(dns_read(packet, size, &q), DNS_FORMERR);
	packet[12] = 1;
	packet[size - 1] = 3; /* another class */
	ck_assert_int_eq(dns_read(packet, size, &q), DNS_REFUSED);
	/* 127 labels are as many as there can be: 253 characters. */
	for (size_t i = 0; i < 254; i++)
		text[i] = i % 2 ? '.' : 'a';
	text[253] = '\0';
	size = ask(packet, (char *)text, DNS_A);
	ck_assert_int_eq(dns_read(packet, size, &q), 0);
	ck_assert_uint_eq(strlen(q.name), 253);
	memcpy(text + 253, ".a", 3);
	size = ask(packet, (char *)text, DNS_A);
	ck_assert_int_eq(dns_read(packet, size, &q), DNS_FORMERR);
}
END_TEST

START_TEST(a_name_that_is_no_hosts)
{
	uint8_t packet[512];
	struct dns_question q;
	size_t size = ask(packet, "a b", DNS_A);

	ck_assert_int_eq(dns_read(packet, size, &q), 0);
	ck_assert_str_eq(q.name, "");
	size = ask(packet, "xx", DNS_A);
	packet[14] = '.'; /* a dot within a label is not one between two */
	ck_assert_int_eq(dns_read(packet, size, &q), 0);
	ck_assert_str_eq(q.name, "");
	packet[14] = '\0';
	ck_assert_int_eq(dns_read(packet, size, &q), 0);
	ck_assert_str_eq(q.name, "");
}
END_TEST

START_TEST(an_answer)
{
	static const char *const texts[] = {"192.0.2.1", "2001:db8::1", "192.0.2.2"};
	uint8_t packet[512], answer[DNS_MAX];
	struct peer_address list[40];
	struct dns_question q;

	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(peers_address(texts[i], &list[i]), 0);
	const size_t size = ask(packet, "example.org", DNS_A);
	ck_assert_int_eq(dns_read(packet, size, &q), 0);
	size_t n = dns_write(answer, DNS_UDP_MAX, &q, DNS_NOERROR, list, 3);
	ck_assert_uint_eq(n, size + 2 * 16);
	ck_assert_mem_eq(answer, ((uint8_t[]){0x12, 0x34, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0}), 12);
	ck_assert_mem_eq(answer + 12, packet + 12, size - 12);
	ck_assert_mem_eq(answer + size, ((uint8_t[]){0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 192, 0, 2, 1}), 16);
	n = dns_write(answer, DNS_UDP_MAX, &q, DNS_NXDOMAIN, list, 3);
	ck_assert_uint_eq(n, size);
	ck_assert_uint_eq(answer[3] & 15, DNS_NXDOMAIN);
	/* More than a packet holds: as many as it does, and it says so. */
	for (size_t i = 0; i < 40; i++)
		list[i] = list[1];
	q.type = DNS_AAAA;
	n = dns_write(answer, DNS_UDP_MAX, &q, DNS_NOERROR, list, 40);
	ck_assert_uint_le(n, DNS_UDP_MAX);
	ck_assert_uint_eq(answer[7], (DNS_UDP_MAX - size) / 28);
	ck_assert_uint_eq(answer[2] & 2, 2);
	n = dns_write(answer, DNS_MAX, &q, DNS_NOERROR, list, NAMES_KEPT);
	ck_assert_uint_eq(answer[7], NAMES_KEPT);
	ck_assert_uint_eq(answer[2] & 2, 0);
}
END_TEST

/* Paths ------------------------------------------------------------------------------------------------------------------- */

START_TEST(paths_as_they_are_written)
{
	static const char *const plain[][2] = {
	    {"/", "/"},     {"//a//b/", "/a/b"}, {"/a/./b/../c", "/a/c"}, {"/../..", "/"},
	    {"/a/..", "/"}, {"/...", "/..."},    {"/a/..b", "/a/..b"},
	};
	char to[PEERS_PATH], large[PEERS_PATH + 10];

	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		ck_assert_str_eq(peers_lexical(plain[i][0], to), plain[i][1]);
	ck_assert_ptr_null(peers_lexical("a", to));
	ck_assert_ptr_null(peers_lexical("", to));
	memset(large, 'a', sizeof large);
	large[0] = '/';
	large[PEERS_PATH - 1] = '\0';
	ck_assert_uint_eq(strlen(peers_lexical(large, to)), PEERS_PATH - 1);
	large[PEERS_PATH - 1] = 'a';
	large[PEERS_PATH] = '\0';
	ck_assert_ptr_null(peers_lexical(large, to));
}
END_TEST

START_TEST(files_that_are_made)
{
	ck_assert_int_eq(names_file("/etc/hosts"), FILE_HOSTS);
	ck_assert_int_eq(names_file("//etc/../etc/resolv.conf"), FILE_RESOLV);
	ck_assert_int_eq(names_file("/etc/nsswitch.conf"), FILE_NSSWITCH);
	ck_assert_int_eq(names_file("/etc/hosts.deny"), FILE_NONE);
	ck_assert_int_eq(names_file("/etc"), FILE_NONE);
	ck_assert_int_eq(names_file("etc/hosts"), FILE_NONE);
}
END_TEST

/* Judging ----------------------------------------------------------------------------------------------------------------- */

static int told(uint32_t host, const struct peer_address *a)
{
	return host == 7 && a->bytes[15] == 77;
}

static struct peer_address numbers(const char *text)
{
	struct peer_address a;

	ck_assert_int_eq(peers_address(text, &a), 0);
	return a;
}

static struct peer make_peer(uint32_t kind, uint32_t host, const char *text, uint16_t first, uint16_t last)
{
	return (struct peer){.kind = kind, .host = host, .address = numbers(text), .first = first, .last = last, .folder = -1};
}

static enum verdict reach(const struct judge *j, uint32_t kind, const char *text, uint16_t port)
{
	const struct peer_address a = numbers(text);
	const struct image_where *where;

	return judge_reach(j, kind, &a, port, &where);
}

START_TEST(who_may_be_reached)
{
	const struct peer peers[] = {
	    make_peer(PEER_CONNECT_TCP, PEERS_HOST_NONE, "192.0.2.1", 80, 90),
	    make_peer(PEER_CONNECT_TCP, 7, "::", 443, 443),
	    make_peer(PEER_CONNECT_UDP, PEERS_HOST_NONE, "2001:db8::1", 123, 123),
	    make_peer(PEER_LISTEN_TCP, PEERS_HOST_NONE, "192.0.2.1", 8080, 8080),
	};
	struct judge j = {.families = FAM_BROKER_NET, .peers = peers, .peer_count = 4, .told = told, .answers = 1};

	ck_assert_int_eq(reach(&j, PEER_CONNECT_TCP, "192.0.2.1", 80), VERDICT_YES);
	ck_assert_int_eq(reach(&j, PEER_CONNECT_TCP, "::ffff:192.0.2.1", 90), VERDICT_YES);
	ck_assert_int_eq(reach(&j, PEER_CONNECT_TCP, "192.0.2.1", 91), VERDICT_NO);
	ck_assert_int_eq(reach(&j, PEER_CONNECT_TCP, "192.0.2.1", 79), VERDICT_NO);
	ck_assert_int_eq(reach(&j, PEER_CONNECT_TCP, "192.0.2.2", 80), VERDICT_NO);
	ck_assert_int_eq(reach(&j, PEER_CONNECT_TCP, "192.0.2.1", 8080), VERDICT_NO);
	ck_assert_int_eq(reach(&j, PEER_CONNECT_UDP, "192.0.2.1", 80), VERDICT_NO);
	ck_assert_int_eq(reach(&j, PEER_CONNECT_UDP, "2001:db8::1", 123), VERDICT_YES);
	ck_assert_int_eq(reach(&j, PEER_CONNECT_TCP, "198.51.100.77", 443), VERDICT_YES);
	ck_assert_int_eq(reach(&j, PEER_CONNECT_TCP, "198.51.100.78", 443), VERDICT_NO);
	ck_assert_int_eq(reach(&j, PEER_CONNECT_TCP, "::", 443), VERDICT_NO);
	/* An address that only looks like the other's last numbers. */
	ck_assert_int_eq(reach(&j, PEER_CONNECT_TCP, "::192.0.2.1", 80), VERDICT_NO);
	ck_assert_int_eq(reach(&j, PEER_CONNECT_UDP, "198.51.100.1", 53), VERDICT_RESPONDER);
	ck_assert_int_eq(reach(&j, PEER_CONNECT_TCP, "::1", 53), VERDICT_RESPONDER);
	j.answers = 0;
	ck_assert_int_eq(reach(&j, PEER_CONNECT_UDP, "198.51.100.1", 53), VERDICT_NO);
}
END_TEST

START_TEST(whatever_the_address)
{
	const struct image_port ports[] = {{.first = 80, .last = 80}, {.listen = 1, .first = 8000, .last = 8001}};
	struct judge j = {.families = FAM_BROKER_NET, .ports = ports, .port_count = 2, .told = told};
	const struct peer_address any = numbers("0.0.0.0");
	const struct image_where *where;

	ck_assert_int_eq(reach(&j, PEER_CONNECT_TCP, "192.0.2.9", 80), VERDICT_YES);
	ck_assert_int_eq(reach(&j, PEER_CONNECT_UDP, "192.0.2.9", 80), VERDICT_NO);
	ck_assert_int_eq(reach(&j, PEER_CONNECT_TCP, "192.0.2.9", 8000), VERDICT_NO);
	ck_assert(judge_listen(&j, &any, 8001, &where));
	ck_assert(!judge_listen(&j, &any, 80, &where));
	ck_assert(!judge_listen(&j, &any, 0, &where));
	ck_assert(judge_bind_udp(&j, 0));
	ck_assert(!judge_bind_udp(&j, 5353));
	j.families |= FAM_TCP_CONNECT_ANY | FAM_TCP_LISTEN_ANY | FAM_UDP;
	ck_assert_int_eq(reach(&j, PEER_CONNECT_TCP, "192.0.2.9", 1), VERDICT_YES);
	ck_assert_int_eq(reach(&j, PEER_CONNECT_UDP, "192.0.2.9", 53), VERDICT_YES);
	ck_assert(judge_listen(&j, &any, 0, &where));
	ck_assert(judge_bind_udp(&j, 5353));
}
END_TEST

START_TEST(where_it_may_listen)
{
	const struct peer peers[] = {make_peer(PEER_LISTEN_TCP, PEERS_HOST_NONE, "127.0.0.1", 8080, 8081),
				     make_peer(PEER_CONNECT_TCP, PEERS_HOST_NONE, "127.0.0.1", 9090, 9090)};
	const struct judge j = {.families = FAM_BROKER_NET, .peers = peers, .peer_count = 2, .told = told};
	const struct peer_address here = numbers("127.0.0.1"), any = numbers("0.0.0.0"), six = numbers("::");
	const struct image_where *where;

	ck_assert(judge_listen(&j, &here, 8081, &where));
	ck_assert_ptr_eq(where, &peers[0].where);
	ck_assert(!judge_listen(&j, &here, 8082, &where));
	ck_assert(!judge_listen(&j, &here, 9090, &where));
	ck_assert(!judge_listen(&j, &here, 0, &where));
	ck_assert(!judge_listen(&j, &any, 8080, &where));
	ck_assert(!judge_listen(&j, &six, 8080, &where));
}
END_TEST

Suite *names_suite(void)
{
	Suite *s = suite_create("names");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, a_question_is_read);
	tcase_add_test(tc, what_is_no_question);
	tcase_add_test(tc, a_name_that_is_no_hosts);
	tcase_add_test(tc, an_answer);
	tcase_add_test(tc, paths_as_they_are_written);
	tcase_add_test(tc, files_that_are_made);
	tcase_add_test(tc, who_may_be_reached);
	tcase_add_test(tc, whatever_the_address);
	tcase_add_test(tc, where_it_may_listen);
	suite_add_tcase(s, tc);
	return s;
}
