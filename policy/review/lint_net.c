/* Sockets: by port alone no host can be told from another, and by protocol alone no socket. */
#include <stdio.h>
#include <string.h>

#include "lint_state.h"
#include "value.h"

static const struct {
	uint16_t first, last;
	const char *what;
} services[] = {
    {2375, 2376, "a container engine, which is as good as root"},
    {2379, 2380, "etcd, which holds a cluster's secrets"},
    {5005, 5005, "a Java debugger, which runs what it is told"},
    {6000, 6063, "X11, which shows every key that is typed"},
    {6379, 6379, "Redis, which often asks for no password"},
    {6443, 6443, "Kubernetes, which runs what it is told"},
    {8500, 8501, "Consul, which runs what it is told"},
    {8888, 8888, "Jupyter, which runs what it is told"},
    {9222, 9229, "a browser's or a script's debugger, which runs what it is told"},
    {10250, 10250, "a Kubernetes node, which runs what it is told"},
};

static bool is_any(const struct stmt *s, enum protocol protocol)
{
	return s->protocol == protocol && s->choice == CHOICE_ANY;
}

static void judge_any(struct lint *l, const struct stmt *s, bool has_net)
{
	if (is_any(s, PROTOCOL_UNIX) && !(l->policy->head.isolate & ISOLATE_FILES))
		lint_find(l, LINT_CONNECT_UNIX, s->at, "leave it out, or add: isolate files",
			  "every Unix socket of the user's can be connected to: D-Bus, an SSH agent, X11, Wayland and a "
			  "container engine act "
			  "outside the sandbox");
	if (is_any(s, PROTOCOL_TCP) && has_net)
		lint_find(
		    l, LINT_CONNECT_ANY, s->at, "name the ports that it needs",
		    "every TCP port of every host can be connected to: this machine's own services and mail servers, too");
	if (is_any(s, PROTOCOL_UDP) && has_net)
		lint_find(l, LINT_CONNECT_UDP, s->at, "leave it out where no names of hosts are looked up",
			  "all of UDP is granted: a question to a name server can carry any data to anybody");
}

static void judge_ports(struct lint *l, const struct word *word, uint16_t first, uint16_t last)
{
	if (first <= 80 && last >= 80)
		lint_find(l, LINT_METADATA_PORT, word->at,
			  "by port alone a host can't be told: on a cloud's machine, close 169.254.169.254 outside",
			  "port 80 is granted on every host: a cloud's metadata service, which hands out tokens, is one");
	for (size_t i = 0; i < sizeof services / sizeof *services; i++)
		if (first <= services[i].last && last >= services[i].first)
			lint_find(l, LINT_LOCAL_SERVICE, word->at, "by port alone a host can't be told: leave the port out",
				  "port %u is granted on this machine, too: it is that of %s",
				  services[i].first > first ? services[i].first : first, services[i].what);
}

static void judge_list(struct lint *l, const struct stmt *s)
{
	uint16_t first, last;

	for (const struct item *item = s->items; item; item = item->next) {
		const char *p = word_plain(item->word);
		while (p && value_ports(&p, &first, &last) == 0) {
			judge_ports(l, item->word, first, last);
			if (*p++ == '\0')
				break;
		}
	}
}

void lint_net(struct lint *l)
{
	/* With a network of its own there is nobody to connect to. */
	const bool has_net = !(l->policy->head.isolate & ISOLATE_NET);

	for (uint32_t i = 0; i < l->tree->source_count; i++) {
		for (const struct stmt *s = l->tree->sources[i].statements; (s = lint_next(s, VERB_CONNECT)); s = s->next) {
			if (s->choice == CHOICE_ANY)
				judge_any(l, s, has_net);
			else if (has_net)
				judge_list(l, s);
		}
		for (const struct stmt *s = l->tree->sources[i].statements; (s = lint_next(s, VERB_LISTEN)); s = s->next)
			if (s->choice == CHOICE_ANY && has_net)
				lint_find(l, LINT_LISTEN_ANY, s->at, "name the port that it serves",
					  "every TCP port can be served: in the place of another service that is down, too");
	}
}
