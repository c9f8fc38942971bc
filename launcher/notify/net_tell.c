#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "broker/server.h"
#include "denials.h"
#include "net_own.h"
#include "plan.h"

#define TEXT (INET6_ADDRSTRLEN + 24)

/* The broker's, or where nothing else is brokered one of our own. */
static struct log *log_of(const struct plan *plan)
{
	static struct log own;
	struct broker *b = server_get();

	if (b)
		return &b->log;
	own.fd = plan->log_fd;
	own.is_journal = plan->log_is_journal;
	own.sandbox = plan->known_as;
	return &own;
}

static void write_down(const struct call *c, const char *event, const char *text, const struct image_where *where, int code,
		       const char *why)
{
	const struct plan *plan = net_plan();
	const struct image *im = &plan->policy->image;
	struct log *log = log_of(plan);

	if (log->fd < 0)
		return;
	struct log_line line = {
	    .event = event,
	    .pid = call_process(c),
	    .path = text,
	    .path_len = strlen(text),
	    .code = code,
	    .why = why,
	};
	if (where) {
		line.source = where->source == 1 ? plan->policy->name : image_string(im, im->sources[where->source].name);
		line.at = where->line;
	}
	log_write(log, &line);
}

/* "192.0.2.1:443", "[2001:db8::1]:443" */
static char *put_place(const struct net_place *place, char to[TEXT])
{
	const int four = peer_is_four(&place->address);
	char number[INET6_ADDRSTRLEN];

	inet_ntop(four ? AF_INET : AF_INET6, place->address.bytes + (four ? 12 : 0), number, sizeof number);
	snprintf(to, TEXT, four ? "%s:%u" : "[%s]:%u", number, place->port);
	return to;
}

int net_refuse_text(const struct call *c, const char *what, const char *text)
{
	write_down(c, "refuse", text, NULL, -EACCES, what);
	denials_note(c, 0, what, text, -EACCES);
	return -EACCES;
}

int net_refuse(const struct call *c, const char *what, const char *kind, const struct net_place *place)
{
	char number[TEXT], text[TEXT + 8];

	snprintf(text, sizeof text, "%s %s", kind, put_place(place, number));
	write_down(c, "refuse", text, NULL, -EACCES, what);
	denials_note(c, 0, what, number, -EACCES);
	return -EACCES;
}

void net_used_text(const struct call *c, const char *text, const struct image_where *where)
{
	write_down(c, "use", text, where, 0, NULL);
}

void net_used(const struct call *c, const char *kind, const struct net_place *place, const struct image_where *where)
{
	char number[TEXT], text[TEXT + 8];

	snprintf(text, sizeof text, "%s %s", kind, put_place(place, number));
	net_used_text(c, text, where);
}
