#include "ask.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask_call.h"
#include "value.h"

static int right_of(const char *word)
{
	for (int i = 0; image_right_name[i]; i++)
		if (strcmp(image_right_name[i], word) == 0)
			return i;
	return -1;
}

/* What ends a list of objects. A file of that name is asked for as ./and. */
static int is_end(char *const *words, int count, int i)
{
	return i >= count || strcmp(words[i], "and") == 0;
}

static int ask_rights(char *const *words, int count, ask_see *see, void *arg, struct err *err)
{
	uint32_t rights = 0;
	int i = 0, rc = 0;

	for (; !is_end(words, count, i); i++) {
		const int right = right_of(words[i]);
		if (right < 0)
			break;
		rights |= 1u << right;
	}
	if (is_end(words, count, i))
		return err_set(err, EINVAL, "'%s' of what? A path has to follow", words[i - 1]);
	for (; !is_end(words, count, i) && rc == 0; i++) {
		if (!*words[i])
			return err_set(err, EINVAL, "an empty path");
		for (int k = 0; image_right_name[k] && rc == 0; k++)
			if (rights >> k & 1)
				rc = see(arg, &(struct ask_question){.kind = ASK_PATH, .right = 1u << k, .object = words[i]});
	}
	return rc < 0 ? rc : i;
}

/* HOST:PORT, [ADDRESS]:PORT. HOST goes into BUF, as the compiler writes it. Returns the port's digits, or NULL. */
static const char *split_host(const char *word, char buf[HOST_MAX + 2])
{
	unsigned char bytes[sizeof(struct in6_addr)];
	const char *colon = strrchr(word, ':');
	const size_t six = word[0] == '[';
	size_t len = colon ? (size_t)(colon - word) : 0;

	if (len <= 2 * six || len - 2 * six > HOST_MAX + 1 || (six && colon[-1] != ']'))
		return NULL;
	len -= 2 * six;
	for (size_t i = 0; i < len; i++)
		buf[i] = (char)tolower((unsigned char)word[six + i]);
	buf[len] = '\0';
	if (inet_pton(six ? AF_INET6 : AF_INET, buf, bytes) == 1)
		return inet_ntop(six ? AF_INET6 : AF_INET, bytes, buf, HOST_MAX) ? colon + 1 : NULL;
	if (len > 1 && buf[len - 1] == '.')
		buf[len - 1] = '\0';
	return !six && image_is_host(buf) ? colon + 1 : NULL;
}

static int ask_ports(struct ask_question *q, char *const *words, int count, ask_see *see, void *arg, struct err *err)
{
	char host[HOST_MAX + 2];
	int i = 2, rc = 0;

	if (is_end(words, count, i))
		return err_set(err, EINVAL, "%s tcp: to which port? A number has to follow, or 'any'", words[0]);
	for (; !is_end(words, count, i) && rc == 0; i++) {
		uint64_t port = 0;
		const char *digits = strchr(words[i], ':') ? split_host(words[i], host) : words[i];
		if (strcmp(words[i], "any") != 0 &&
		    (!digits || value_number(digits, strlen(digits), UINT16_MAX, &port) < 0 || port == 0))
			return err_set(err, EINVAL,
				       "'%s' is no port: a number from 1 to 65535, with a host's name or address and a "
				       "colon before it or not, or 'any'",
				       words[i]);
		if (q->protocol == PROTOCOL_UDP && digits == words[i])
			return err_set(err, EINVAL,
				       "connect udp: by port alone it can't be had, only with a host, or all: HOST:PORT, any");
		q->address = digits != words[i] ? host : NULL;
		q->port = (uint16_t)port;
		rc = see(arg, q);
	}
	return rc < 0 ? rc : i;
}

static int ask_net(char *const *words, int count, ask_see *see, void *arg, struct err *err)
{
	const int listens = strcmp(words[0], "listen") == 0;
	struct ask_question q = {.kind = listens ? ASK_LISTEN : ASK_CONNECT, .object = "", .protocol = -1};

	for (int i = 0; !is_end(words, count, 1) && protocol_word[i]; i++)
		if (strcmp(protocol_word[i], words[1]) == 0)
			q.protocol = i;
	if (q.protocol < 0 || (listens && q.protocol != PROTOCOL_TCP))
		return err_set(err, EINVAL, "%s: %s has to follow", words[0],
			       listens ? "'tcp PORT'" : "'tcp PORT', 'udp' or 'unix'");
	if (q.protocol == PROTOCOL_TCP ||
	    (q.protocol == PROTOCOL_UDP && !is_end(words, count, 2) && strcmp(words[2], "any") != 0))
		return ask_ports(&q, words, count, see, arg, err);
	int i = 2;
	if (!is_end(words, count, i) && strcmp(words[i], "any") == 0)
		i++;
	else if (!is_end(words, count, i) && q.protocol == PROTOCOL_UNIX && *words[i])
		q.address = words[i++];
	if (!is_end(words, count, i))
		return err_set(err, EINVAL, "connect %s: by '%s' it can't be had, only all or none", words[1], words[i]);
	int rc = see(arg, &q);
	return rc < 0 ? rc : i;
}

static int is_promise(const char *word)
{
	for (int i = 0; image_promise_name[i]; i++)
		if (strcmp(image_promise_name[i], word) == 0)
			return 1;
	return 0;
}

/* What NAME is not; NULL: it is one. */
static const char *name_fault(enum ask_kind kind, const char *name)
{
	if (kind == ASK_PROMISE)
		return is_promise(name) ? NULL : "promise";
	if (kind == ASK_CALL)
		return call_number(name) >= 0 ? NULL : "system call of this machine";
	return *name && !strchr(name, '=') ? NULL : "variable's name";
}

static int ask_names(enum ask_kind kind, char *const *words, int count, ask_see *see, void *arg, struct err *err)
{
	int i = 1, rc = 0;

	if (is_end(words, count, i))
		return err_set(err, EINVAL, "%s: a name has to follow", words[0]);
	for (; !is_end(words, count, i) && rc == 0; i++) {
		const char *fault = name_fault(kind, words[i]);
		if (fault)
			return err_set(err, EINVAL, "'%s' is no %s", words[i], fault);
		rc = see(arg, &(struct ask_question){.kind = kind, .object = words[i]});
	}
	return rc < 0 ? rc : i;
}

int ask_parse(char *const *words, int count, ask_see *see, void *arg, struct err *err)
{
	int taken;

	if (is_end(words, count, 0))
		return err_set(err, EINVAL, "a question is missing, such as: read /etc/passwd");
	if (right_of(words[0]) >= 0)
		taken = ask_rights(words, count, see, arg, err);
	else if (strcmp(words[0], "connect") == 0 || strcmp(words[0], "listen") == 0)
		taken = ask_net(words, count, see, arg, err);
	else if (strcmp(words[0], "env") == 0)
		taken = ask_names(ASK_ENV, words, count, see, arg, err);
	else if (strcmp(words[0], "promise") == 0)
		taken = ask_names(ASK_PROMISE, words, count, see, arg, err);
	else if (strcmp(words[0], "call") == 0)
		taken = ask_names(ASK_CALL, words, count, see, arg, err);
	else
		return err_set(
		    err, EINVAL,
		    "'%s' is no question: ask read, write, append, create, exec, ioctl, connect, listen, env, promise or "
		    "call",
		    words[0]);
	if (taken > 0 && taken < count) /* the `and` */
		taken++;
	if (taken == count && strcmp(words[count - 1], "and") == 0)
		return err_set(err, EINVAL, "behind 'and' a question has to follow");
	return taken;
}

const char *ask_text(struct arena *arena, const struct ask_question *q)
{
	switch (q->kind) {
	case ASK_PATH:
		return arena_say(arena, "%s %s", bits_text(arena, q->right, image_right_name, " "),
				 word_text(arena, ROOT_NONE, q->object));
	case ASK_ENV: return arena_say(arena, "env %s", q->object);
	case ASK_PROMISE: return arena_say(arena, "promise %s", q->object);
	case ASK_CALL: return arena_say(arena, "call %s", q->object);
	default: break;
	}
	const char *verb = q->kind == ASK_LISTEN ? "listen" : "connect";
	if (q->protocol == PROTOCOL_UNIX || !q->address)
		if (q->protocol != PROTOCOL_TCP)
			return arena_say(arena, "%s %s%s%s", verb, protocol_word[q->protocol], q->address ? " " : "",
					 q->address ? word_text(arena, ROOT_NONE, q->address) : "");
	if (q->address)
		return arena_say(arena, strchr(q->address, ':') ? "%s %s [%s]:%u" : "%s %s %s:%u", verb,
				 protocol_word[q->protocol], q->address, q->port);
	return q->port ? arena_say(arena, "%s tcp %u", verb, q->port) : arena_say(arena, "%s tcp any", verb);
}
