#include "objects.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "owned.h"

/* Objects ----------------------------------------------------------------------------------------------------------------- */

int objects_add(struct objects *o, int fd, const struct held *held)
{
	struct object *object;

	if (o->free) {
		object = &o->list[o->free - 1];
		o->free = object->next_free;
	} else if (o->touched < TABLE_SLOTS) {
		object = &o->list[o->touched++];
	} else {
		owned_close(&fd);
		return -ENOSPC;
	}
	*object = (struct object){.held = held, .fd = fd, .users = 1};
	return (int)(object - o->list);
}

void objects_hold(struct objects *o, uint32_t number)
{
	o->list[number].users++;
}

void objects_release(struct objects *o, uint32_t number)
{
	struct object *object = &o->list[number];

	if (--object->users > 0)
		return;
	owned_close(&object->fd);
	object->next_free = o->free;
	o->free = number + 1;
}

/* Sockets that can be taken back ------------------------------------------------------------------------------------------ */

int objects_keep(struct objects *o, int fd, uint64_t handle, struct err *err)
{
	uint32_t i = 0;

	while (i < o->kept_touched && o->kept[i].handle)
		i++;
	if (i == OBJECTS_KEPT)
		return err_set(err, EMFILE, "%u sockets that can be taken back are in use, as many as can be", OBJECTS_KEPT);
	const int ours = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (ours < 0)
		return err_set(err, errno, "no descriptor left: %s", err_words(errno));
	if (i == o->kept_touched)
		o->kept_touched++;
	o->kept_count++;
	o->kept[i] = (struct kept){.handle = handle, .fd = ours};
	return 0;
}

void objects_forget(struct objects *o, uint32_t i)
{
	close(o->kept[i].fd);
	o->kept[i].handle = 0;
	o->kept_count--;
}

void objects_sever(struct objects *o, uint64_t handle)
{
	for (uint32_t i = 0; i < o->kept_touched && o->kept_count; i++)
		if (o->kept[i].handle == handle) {
			shutdown(o->kept[i].fd, SHUT_RDWR);
			objects_forget(o, i);
		}
}

/* Tickets ----------------------------------------------------------------------------------------------------------------- */

static int make_memfd(struct stat *st)
{
	OWNED_FD int fd = memfd_create("endow ticket", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0 || fstat(fd, st) < 0)
		return -errno;
	return take_fd(&fd);
}

int objects_ticket(struct objects *o, uint64_t handle, uint32_t client, struct err *err)
{
	uint32_t i = o->ticket_touched, own = 0;
	struct stat st;

	for (uint32_t k = o->ticket_touched; k-- > 0;) {
		own += o->tickets[k].handle && o->tickets[k].client == client;
		i = o->tickets[k].handle ? i : k;
	}
	if (own >= OBJECTS_TICKETS_CLIENT)
		return err_set(err, EMFILE, "%u tickets are not claimed yet, as many as can be", OBJECTS_TICKETS_CLIENT);
	if (i == OBJECTS_TICKETS)
		return err_set(err, ENOSPC, "there are %u tickets, as many as can be", OBJECTS_TICKETS);
	OWNED_FD int fd = make_memfd(&st);
	const int ours = fd < 0 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (ours < 0)
		return err_set(err, fd < 0 ? -fd : errno, "no ticket can be made: %s", err_words(fd < 0 ? fd : errno));
	if (i == o->ticket_touched)
		o->ticket_touched++;
	o->ticket_count++;
	o->tickets[i] = (struct ticket){.handle = handle, .client = client, .fd = ours, .dev = st.st_dev, .ino = st.st_ino};
	return take_fd(&fd);
}

static void end_ticket(struct objects *o, struct ticket *ticket)
{
	close(ticket->fd);
	ticket->handle = 0;
	o->ticket_count--;
}

uint64_t objects_claim(struct objects *o, int fd, uint32_t *client)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return 0;
	for (uint32_t i = 0; i < o->ticket_touched; i++) {
		struct ticket *ticket = &o->tickets[i];
		if (!ticket->handle || ticket->ino != st.st_ino || ticket->dev != st.st_dev)
			continue;
		const uint64_t handle = ticket->handle;
		*client = ticket->client;
		end_ticket(o, ticket);
		return handle;
	}
	return 0;
}

void objects_end_tickets(struct objects *o, uint64_t handle)
{
	for (uint32_t i = 0; i < o->ticket_touched && o->ticket_count; i++)
		if (o->tickets[i].handle == handle)
			end_ticket(o, &o->tickets[i]);
}

void objects_end(struct objects *o)
{
	for (uint32_t i = 0; i < o->kept_touched; i++)
		if (o->kept[i].handle)
			objects_sever(o, o->kept[i].handle);
	for (uint32_t i = 0; i < o->ticket_touched; i++)
		if (o->tickets[i].handle)
			end_ticket(o, &o->tickets[i]);
	for (uint32_t i = 0; i < o->touched; i++)
		if (o->list[i].users)
			owned_close(&o->list[i].fd);
}
