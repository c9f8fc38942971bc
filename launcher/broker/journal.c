#include "journal.h"

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "owned.h"
#include "plain.h"

#define JOURNAL "/run/systemd/journal/socket"
#define ENTRY_MAX 8192 /* bytes of a datagram */
#define TEXT_MAX 2048  /* of one field */

enum { PRIORITY_WARNING = 4, PRIORITY_NOTICE = 5, PRIORITY_INFO = 6 };

struct entry {
	char bytes[ENTRY_MAX];
	size_t len;
};

int journal_open(struct err *err)
{
	const struct sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = JOURNAL};
	OWNED_FD int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof to) < 0)
		return err_set(err, errno, "--log journald: %s: %s; there is no journal to write to: name a file", JOURNAL,
			       err_words(errno));
	return take_fd(&fd);
}

/* NAME, then the length, then any bytes: the form in which nothing has to be escaped. */
static void add(struct entry *e, const char *name, const char *value, size_t len)
{
	const size_t n = strlen(name);
	const uint64_t size = htole64(len);

	if (len > TEXT_MAX || e->len + n + 1 + sizeof size + len + 1 > sizeof e->bytes)
		return;
	memcpy(e->bytes + e->len, name, n);
	e->bytes[e->len + n] = '\n';
	memcpy(e->bytes + e->len + n + 1, &size, sizeof size);
	memcpy(e->bytes + e->len + n + 1 + sizeof size, value, len);
	e->len += n + 1 + sizeof size + len + 1;
	e->bytes[e->len - 1] = '\n';
}

__attribute__((format(printf, 3, 4))) static void add_said(struct entry *e, const char *name, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	const int n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof text)
		add(e, name, text, (size_t)n);
}

static void add_cap(struct entry *e, const struct log_line *line)
{
	add_said(e, "ENDOW_CAPABILITY", "%llu", (unsigned long long)line->cap->handle);
	if (line->parent)
		add_said(e, "ENDOW_PARENT", "%llu", (unsigned long long)line->parent);
	add(e, "ENDOW_NAME", line->cap->name, strlen(line->cap->name));
	add(e, "ENDOW_OBJECT", line->held->object, strlen(line->held->object));
	add_said(e, "ENDOW_LINE", "%s:%u", line->held->source, line->held->line);
}

/* "refuse: cat may not read /srv/data/x (x.policy:3): ...": for people. */
static void add_message(struct entry *e, const struct log_line *line, const char *rights)
{
	char what[512] = "", why[400] = "", whole[TEXT_MAX];
	const char *object = line->cap ? line->held->object : NULL;
	const size_t n = object ? strlen(object) : 0;

	if (object)
		plain_text(what, sizeof what, object, n);
	if (line->path_len) {
		const size_t at = strlen(what);
		if (at > 0 && at + 9 < sizeof what)
			what[at] = '/';
		if (at + 9 < sizeof what)
			plain_text(what + at + (at > 0), sizeof what - at - (at > 0), line->path, line->path_len);
	}
	if (line->why)
		plain_text(why, sizeof why, line->why, strlen(line->why));
	const int len = snprintf(whole, sizeof whole, "%s%s%s%s%s%s%s, process %d", line->event, *rights ? " " : "", rights,
				 *what ? " " : "", what, *why ? ": " : "", why, (int)line->pid);
	if (len > 0 && (size_t)len < sizeof whole)
		add(e, "MESSAGE", whole, (size_t)len);
}

static int send_entry(const struct log *log, const struct entry *e)
{
	return send(log->fd, e->bytes, e->len, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)e->len;
}

static void begin(struct entry *e, const struct log *log, int priority, const char *event)
{
	e->len = 0;
	add(e, "SYSLOG_IDENTIFIER", "endow", 5);
	add_said(e, "PRIORITY", "%d", priority);
	add_said(e, "ENDOW_SANDBOX", "%d", (int)log->sandbox);
	add(e, "ENDOW_EVENT", event, strlen(event));
}

static int tell_of_lost(const struct log *log, struct entry *e)
{
	begin(e, log, PRIORITY_WARNING, "lost");
	add_said(e, "ENDOW_LOST", "%llu", (unsigned long long)log->lost);
	add_said(e, "MESSAGE", "%llu lines before this one are lost", (unsigned long long)log->lost);
	return send_entry(log, e);
}

void journal_write(struct log *log, const struct log_line *line)
{
	static struct entry e;
	const uint32_t has = line->rights ? line->rights : line->cap ? line->cap->rights : 0;
	char rights[64];

	if (log->lost) {
		if (!tell_of_lost(log, &e)) {
			log->lost++;
			return;
		}
		log->lost = 0;
	}
	begin(&e, log, line->code < 0 ? PRIORITY_NOTICE : PRIORITY_INFO, line->event);
	add_message(&e, line, plain_rights(rights, sizeof rights, has, " "));
	add_said(&e, "ENDOW_PID", "%d", (int)line->pid);
	add_said(&e, "ENDOW_CLIENT", "%u", line->client);
	add_said(&e, "ENDOW_CODE", "%d", line->code);
	if (has)
		add_said(&e, "ENDOW_RIGHTS", "%s", plain_rights(rights, sizeof rights, has, ","));
	if (line->cap)
		add_cap(&e, line);
	else if (line->source)
		add_said(&e, "ENDOW_LINE", "%s:%u", line->source, line->at);
	if (line->path_len)
		add(&e, "ENDOW_PATH", line->path, line->path_len);
	if (line->why)
		add(&e, "ENDOW_WHY", line->why, strlen(line->why));
	if (!send_entry(log, &e))
		log->lost++;
}
