#include "net_jobs.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include "lend.h"
#include "owned.h"

#define LOOK_MS 250    /* how often those are looked for that wait no more */
#define KEPT_FDS 1024u /* of all jobs: some of this process's have to be left for others */
#define AGAIN_MS 20    /* what tells nobody when it is ready is tried again */

static struct job jobs[JOBS_MAX]; /* socket 0: none */
static size_t job_count, watched[JOBS_MAX];
static uint64_t looked;

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 + 1;
}

/* Doing it ---------------------------------------------------------------------------------------------------------------- */

/* Whom it was interrupted with is still to be had, or is being connected to. */
static int try_connect(const struct job *j)
{
	net_hurry();
	const int rc = connect(j->socket, &j->address.any, j->address_len) < 0 ? -errno : 0;

	net_hurried();
	return rc != -EINTR ? rc : j->at >= 0 ? -EAGAIN : -EINPROGRESS;
}

/*
 * A socket has no flag for one connect() that does not wait: its own is set for that moment. Another thread of the caller's can
 * take it away again, so whatever waits all the same is hurried. A connection under way is asked after by connecting again,
 * which is how the kernel itself finishes it.
 */
static int connect_now(const struct job *j)
{
	const int had = fcntl(j->socket, F_GETFL);

	if (had < 0 || (!(had & O_NONBLOCK) && fcntl(j->socket, F_SETFL, had | O_NONBLOCK) < 0))
		return -errno;
	int rc = try_connect(j);
	/* On this machine itself the answer has come by now. */
	if (rc == -EINPROGRESS && j->blocks)
		rc = try_connect(j);
	if (!(had & O_NONBLOCK))
		fcntl(j->socket, F_SETFL, had);
	return rc;
}

static size_t put_control(const struct job *j, uint8_t *to)
{
	size_t len = 0;

	if (j->fd_count > 0 && j->done == 0) {
		struct cmsghdr head = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
		head.cmsg_len = (socklen_t)CMSG_LEN(j->fd_count * sizeof(int));
		memcpy(to, &head, sizeof head);
		memcpy(to + CMSG_LEN(0), j->fds, j->fd_count * sizeof(int));
		len = CMSG_SPACE(j->fd_count * sizeof(int));
	}
	memcpy(to + len, j->extra, j->extra_len);
	return len + j->extra_len;
}

static int send_now(const struct job *j)
{
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof j->fds) + JOB_EXTRA] = {0};
	struct iovec iov = {.iov_base = (void *)(uintptr_t)(j->data + j->done), .iov_len = j->size - j->done};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	const size_t len = put_control(j, control);

	if (j->address_len > 0) {
		msg.msg_name = (void *)(uintptr_t)&j->address;
		msg.msg_namelen = j->address_len;
	}
	if (len > 0) {
		msg.msg_control = control;
		msg.msg_controllen = (socklen_t)len;
	}
	const ssize_t n = sendmsg(j->socket, &msg, j->flags | MSG_DONTWAIT | MSG_NOSIGNAL);
	return n < 0 ? -errno : (int)n;
}

/* Under Unix whoever is at the other end is told the sender's ids. */
static int with_ids(struct job *j, int (*act)(const struct job *))
{
	int domain = 0;
	socklen_t len = sizeof domain;

	if (getsockopt(j->socket, SOL_SOCKET, SO_DOMAIN, &domain, &len) < 0)
		return -errno;
	if (domain != AF_UNIX)
		return act(j);
	if (lend_bare_begin() < 0)
		return -EPERM;
	const int rc = act(j);
	lend_bare_end();
	return rc;
}

static int is_waiting(const struct job *j, int rc)
{
	if (j->kind == JOB_CONNECT && j->at < 0)
		return rc == -EINPROGRESS || rc == -EALREADY;
	return rc == -EAGAIN;
}

/* Who writes to where nobody reads any more is sent a signal, unless it asked for none. */
static void signal_pipe(const struct job *j)
{
	const pid_t process = call_process(&j->call);

	if (j->stream && !(j->flags & MSG_NOSIGNAL) && process > 0)
		syscall(SYS_tgkill, process, j->call.tid, SIGPIPE);
}

/* What it has come to so far: the whole result, or -EAGAIN and the like. */
static int run(struct job *j)
{
	if (j->kind == JOB_CONNECT)
		return with_ids(j, connect_now);
	for (;;) {
		const int rc = with_ids(j, send_now);
		if (rc >= 0) {
			j->done += (size_t)rc;
			if (j->stream && j->blocks && rc > 0 && j->done < j->size)
				continue;
			return (int)j->done;
		}
		if (is_waiting(j, rc))
			return rc;
		if (j->done > 0)
			return (int)j->done;
		if (rc == -EPIPE)
			signal_pipe(j);
		return rc;
	}
}

/* What came of a job for which nobody waits any longer. */
static int so_far(const struct job *j, int rc)
{
	return j->done > 0 ? (int)j->done : rc;
}

/* Keeping it -------------------------------------------------------------------------------------------------------------- */

static void drop(struct job *j)
{
	close(j->socket);
	owned_close(&j->at);
	for (size_t i = 0; i < j->fd_count; i++)
		close(j->fds[i]);
	if (j->copy)
		munmap(j->copy, j->size);
	j->socket = 0;
}

static int copy_data(struct job *j)
{
	if (j->size == 0)
		return 0;
	j->copy = mmap(NULL, j->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (j->copy == MAP_FAILED) {
		j->copy = NULL;
		return -ENOBUFS;
	}
	memcpy(j->copy, j->data, j->size);
	j->data = j->copy;
	return 0;
}

/* The caller's own patience: SO_SNDTIMEO. */
static uint64_t patience(int fd)
{
	struct timeval t = {0};
	socklen_t len = sizeof t;

	if (getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, &len) < 0 || (t.tv_sec == 0 && t.tv_usec == 0))
		return 0;
	return now_ms() + (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_usec / 1000;
}

static int keep(struct job *j)
{
	size_t i = 0, fds = j->fd_count;

	while (i < JOBS_MAX && jobs[i].socket > 0)
		i++;
	for (size_t k = 0; k < JOBS_MAX; k++)
		fds += jobs[k].socket > 0 ? jobs[k].fd_count : 0;
	if (i == JOBS_MAX || fds > KEPT_FDS)
		return -EAGAIN;
	const int rc = copy_data(j);
	if (rc < 0)
		return rc;
	j->until = patience(j->socket);
	j->again = j->at >= 0 ? now_ms() + AGAIN_MS : 0;
	jobs[i] = *j;
	if (job_count++ == 0)
		looked = now_ms();
	return CALL_LATER;
}

int job_start(struct job *j)
{
	const int flags = fcntl(j->socket, F_GETFL);

	j->blocks = flags >= 0 && !(flags & O_NONBLOCK) && !(j->kind == JOB_SEND && j->flags & MSG_DONTWAIT);
	int rc = run(j);
	if (j->blocks && is_waiting(j, rc))
		rc = keep(j);
	else if (is_waiting(j, rc))
		rc = so_far(j, rc);
	if (rc != CALL_LATER)
		drop(j);
	return rc;
}

static void finish(struct job *j, int result)
{
	call_answer(&j->call, result);
	drop(j);
	job_count--;
}

/* Serving ----------------------------------------------------------------------------------------------------------------- */

static void soonest(uint64_t until, uint64_t now, int *wait)
{
	/* The caller's own patience can be longer than any int. */
	const int left = until <= now ? 0 : until - now > INT_MAX ? INT_MAX : (int)(until - now);

	if (until && (*wait < 0 || left < *wait))
		*wait = left;
}

size_t jobs_watch(struct pollfd fds[JOBS_MAX], int *wait)
{
	const uint64_t now = now_ms();
	size_t count = 0;

	if (job_count == 0)
		return 0;
	soonest(looked + LOOK_MS, now, wait);
	for (size_t i = 0; i < JOBS_MAX; i++) {
		if (jobs[i].socket <= 0)
			continue;
		soonest(jobs[i].until, now, wait);
		soonest(jobs[i].again, now, wait);
		watched[count] = i;
		fds[count++] = (struct pollfd){.fd = jobs[i].again ? -1 : jobs[i].socket, .events = POLLOUT};
	}
	return count;
}

static void serve(struct job *j, int ready, uint64_t now)
{
	int rc = -EAGAIN;

	if (ready || (j->again && j->again <= now)) {
		/* Not in a circle where it seems ready and is not. */
		j->again = now + AGAIN_MS;
		rc = run(j);
		if (!is_waiting(j, rc)) {
			finish(j, rc);
			return;
		}
		if (j->at < 0 && !ready)
			j->again = 0;
	}
	if (j->until && j->until <= now)
		finish(j, so_far(j, j->kind == JOB_CONNECT && j->at < 0 ? -EINPROGRESS : -EAGAIN));
}

void jobs_serve(const struct pollfd *fds, size_t count)
{
	const uint64_t now = now_ms();

	for (size_t i = 0; i < count; i++)
		serve(&jobs[watched[i]], fds[i].revents != 0, now);
	if (job_count == 0 || looked + LOOK_MS > now)
		return;
	looked = now;
	for (size_t i = 0; i < JOBS_MAX; i++)
		if (jobs[i].socket > 0 && !call_still(&jobs[i].call)) {
			drop(&jobs[i]);
			job_count--;
		} else if (jobs[i].socket > 0 && net_interrupted(&jobs[i].call)) {
			finish(&jobs[i], so_far(&jobs[i], -EINTR));
		}
}

void jobs_end(void)
{
	for (size_t i = 0; i < JOBS_MAX && job_count > 0; i++)
		if (jobs[i].socket > 0)
			finish(&jobs[i], -ECONNABORTED);
}
