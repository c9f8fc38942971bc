#include "frames.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);
		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Returns the bytes read: fewer than LEN only at the end. */
static ssize_t read_all(int fd, void *data, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = read(fd, (char *)data + done, len - done);
		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

int frame_send(int fd, enum frame_type type, const void *a, size_t a_len, const void *b, size_t b_len, struct err *err)
{
	int rc;

	if (a_len > FRAME_MAX || b_len > FRAME_MAX - a_len)
		return err_set(err, EMSGSIZE, "a message to or from the policy compiler is over %u bytes", FRAME_MAX);
	const struct frame_head head = {.type = type, .size = (uint32_t)(a_len + b_len)};
	(void)((rc = write_all(fd, &head, sizeof head)) || (rc = write_all(fd, a, a_len)) || (rc = write_all(fd, b, b_len)));
	if (rc < 0)
		return err_set(err, -rc, "can't write to the other side of the policy compiler's pipe: %s", err_words(rc));
	return 0;
}

int frame_recv(int fd, struct frame *frame, struct err *err)
{
	struct frame_head head;

	memset(frame, 0, sizeof *frame);
	ssize_t n = read_all(fd, &head, sizeof head);
	if (n == 0)
		return err_set(err, EPIPE, "the policy compiler's pipe was closed");
	if (n < 0)
		return err_set(err, (int)-n, "can't read from the policy compiler's pipe: %s", err_words((int)n));
	if ((size_t)n < sizeof head || head.type == 0 || head.type >= FRAME_TYPES || head.size > FRAME_MAX)
		return err_set(err, EBADMSG, "the policy compiler's pipe carries something else");
	frame->data = malloc((size_t)head.size + 1);
	if (!frame->data)
		return err_set(err, ENOMEM, "no memory for %u bytes from the policy compiler", head.size);
	n = read_all(fd, frame->data, head.size);
	if (n < 0 || (size_t)n < head.size) {
		free(frame->data);
		frame->data = NULL;
		return err_set(err, EBADMSG, "a message on the policy compiler's pipe was cut short");
	}
	frame->data[head.size] = '\0';
	frame->type = head.type;
	frame->size = head.size;
	return 0;
}
