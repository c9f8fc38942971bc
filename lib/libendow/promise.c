/* Giving up system calls: one more filter. The kernel keeps what was given up; nothing is remembered here. */
#include "promise.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "endow.h"
#include "image.h"

#define BLANKS " \t\n"
#define PROMISE_LOAD (BPF_LD | BPF_W | BPF_IMM)

/* The bit of the word at TEXT, of LEN bytes; 0: there is no such promise. */
static uint32_t promise_of(const char *text, size_t len)
{
	for (size_t i = 0; i < promise_words_count; i++)
		if (strlen(promise_words[i]) == len && memcmp(promise_words[i], text, len) == 0)
			return 1u << i;
	return 0;
}

/* The words of TEXT in *PROMISES. Returns the first that is none, or NULL. */
static const char *read_words(const char *text, uint32_t *promises)
{
	*promises = 0;
	for (text += strspn(text, BLANKS); *text; text += strspn(text, BLANKS)) {
		const size_t len = strcspn(text, BLANKS);
		const uint32_t promise = promise_of(text, len);
		if (!promise)
			return text;
		*promises |= promise;
		text += len;
	}
	return NULL;
}

const char *endow_promise_unknown(const char *promises)
{
	uint32_t ignored;

	return read_words(promises, &ignored);
}

static void fill_in(struct sock_filter *prog, uint32_t promises, uint32_t self)
{
	for (size_t i = 0; i < promise_filter_count; i++) {
		prog[i] = promise_filter[i];
		if (prog[i].code == PROMISE_LOAD)
			prog[i].k = promises;
		else if (prog[i].code == (BPF_JMP | BPF_JEQ | BPF_K) && prog[i].k == FILTER_SELF)
			prog[i].k = self;
	}
}

/* For all threads, or for none. */
static int install(struct sock_filter *prog)
{
	const struct sock_fprog filter = {.len = (unsigned short)promise_filter_count, .filter = prog};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	const long rc = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
	if (rc > 0) /* the thread that has another filter */
		return -EBUSY;
	if (rc == 0)
		return 0;
	return errno == EINVAL || errno == ENOSYS ? -EOPNOTSUPP : -errno;
}

int endow_promise(const char *promises)
{
	struct sock_filter prog[PROMISE_ROOM];
	const int before = errno;
	uint32_t bits;

	if (!promises || read_words(promises, &bits))
		return -EINVAL;
	fill_in(prog, bits, (uint32_t)getpid());
	int rc = install(prog);
	errno = before;
	return rc;
}
