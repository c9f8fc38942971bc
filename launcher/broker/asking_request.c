#include "asking_request.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "asking_hold.h"

/* What the asking process executes, for the person: a name that it could have given itself. */
static void name_of(pid_t pid, char to[64])
{
	char link[40], path[PATH_MAX];

	snprintf(link, sizeof link, "/proc/%d/exe", (int)pid);
	const ssize_t n = pid > 0 ? readlink(link, path, sizeof path - 1) : -1;
	path[n < 0 ? 0 : n] = '\0';
	const char *slash = strrchr(path, '/');
	snprintf(to, 64, "%.63s", n <= 0 ? "a program" : slash ? slash + 1 : path);
}

/* The client has waited for this, and has asked for nothing else meanwhile. */
static void answered(void *arg, const struct answer *a)
{
	struct broker *b = server_now();
	struct client *c = arg;
	const uint32_t client = (uint32_t)(c - b->clients);
	union wire_message m;
	struct cap *cap = NULL;
	struct err err;

	c->asks = 0;
	const int rc = a->what == ANSWER_NO ? err_set(&err, -a->code, "%s", a->why) : asking_hold(a, client, NULL, &cap, &err);
	if (rc < 0 || !cap) {
		server_refuse(b, client, c->ask_serial, rc, &err);
		return;
	}
	m.handle = (struct wire_handle){.head.type = WIRE_HANDLE, .handle = cap->handle};
	server_reply(b, client, &m, c->ask_serial, sizeof m.handle, -1);
}

int asking_request(struct broker *b, uint32_t client, const union wire_message *m, const struct wire_texts *texts,
		   struct err *err)
{
	static struct question q;
	struct client *c = &b->clients[client];

	if (texts->first_len >= sizeof q.path)
		return err_set(err, ENAMETOOLONG, "the path is too long");
	if (m->request.rights & ~(uint32_t)(WIRE_READ | WIRE_WRITE | WIRE_APPEND | WIRE_CREATE))
		return err_set(err, EPERM, "'pass' is nothing that the person is asked for");
	q = (struct question){
	    .pid = c->pid, .rights = m->request.rights, .kind = m->request.kind, .answered = answered, .arg = c};
	memcpy(q.path, texts->first, texts->first_len);
	memcpy(q.why, texts->second, texts->second_len < sizeof q.why ? texts->second_len : sizeof q.why - 1);
	name_of(c->pid, q.who);
	const int rc = asking_put(&q, err);
	if (rc < 0)
		return rc;
	c->asks = 1;
	c->ask_serial = m->head.serial;
	return 0;
}
