/* The pipe between the launcher and the compiler: whole messages or an error, never a part taken for the whole. */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "frames.h"

Suite *frames_suite(void);

static int ends[2];
static struct frame frame;
static struct err err;

static void set_up(void)
{
	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	memset(&frame, 0xee, sizeof frame);
	err.text[0] = '\0';
}

static void tear_down(void)
{
	close(ends[0]);
	close(ends[1]);
}

/* As it would come from a compiler that has been taken over. */
static void send_raw(const void *bytes, size_t len)
{
	ck_assert_int_eq(write(ends[0], bytes, len), (ssize_t)len);
	shutdown(ends[0], SHUT_WR);
}

static void expect_refusal(int code)
{
	ck_assert_int_eq(frame_recv(ends[1], &frame, &err), -code);
	ck_assert_str_ne(err.text, "");
	ck_assert_ptr_null(frame.data);
}

START_TEST(whole_messages)
{
	for (int type = 1; type < FRAME_TYPES; type++) {
		ck_assert_int_eq(frame_send(ends[0], (enum frame_type)type, "ab\0c", 4, "de", 2, &err), 0);
		ck_assert_int_eq(frame_recv(ends[1], &frame, &err), 0);
		ck_assert_uint_eq(frame.type, (unsigned)type);
		ck_assert_uint_eq(frame.size, 6);
		ck_assert_mem_eq(frame.data, "ab\0cde", 7); /* and a NUL behind */
		free(frame.data);
	}
}
END_TEST

START_TEST(empty_message)
{
	ck_assert_int_eq(frame_send(ends[0], FRAME_LINE, "", 0, NULL, 0, &err), 0);
	ck_assert_int_eq(frame_recv(ends[1], &frame, &err), 0);
	ck_assert_uint_eq(frame.size, 0);
	ck_assert_str_eq(frame.data, "");
	free(frame.data);
}
END_TEST

START_TEST(one_after_the_other)
{
	frame_send(ends[0], FRAME_LINE, "one", 3, NULL, 0, &err);
	frame_send(ends[0], FRAME_POLICY, "two", 3, NULL, 0, &err);
	ck_assert_int_eq(frame_recv(ends[1], &frame, &err), 0);
	ck_assert_str_eq(frame.data, "one");
	free(frame.data);
	ck_assert_int_eq(frame_recv(ends[1], &frame, &err), 0);
	ck_assert_str_eq(frame.data, "two");
	free(frame.data);
}
END_TEST

START_TEST(clean_end)
{
	shutdown(ends[0], SHUT_WR);
	expect_refusal(EPIPE);
}
END_TEST

START_TEST(head_cut_short)
{
	const struct frame_head head = {.type = FRAME_IMAGE, .size = 0};

	send_raw(&head, (size_t)_i);
	expect_refusal(EBADMSG);
}
END_TEST

START_TEST(body_cut_short)
{
	struct {
		struct frame_head head;
		char body[4];
	} message = {{.type = FRAME_IMAGE, .size = 5}, "abcd"};

	send_raw(&message, sizeof message.head + (size_t)_i);
	expect_refusal(EBADMSG);
}
END_TEST

static const struct frame_head wrong[] = {
    {0, 0}, {FRAME_TYPES, 0}, {UINT32_MAX, 0}, {FRAME_IMAGE, FRAME_MAX + 1}, {FRAME_IMAGE, UINT32_MAX},
};

START_TEST(wrong_head)
{
	send_raw(&wrong[_i], sizeof wrong[_i]);
	expect_refusal(EBADMSG);
	ck_assert_ptr_nonnull(
	    strstr(err.text, "something else")); /* by the head alone: no memory is asked for, no body waited for */
}
END_TEST

START_TEST(too_much_to_send)
{
	/* Refused by its length alone: nothing is read from there. */
	ck_assert_int_eq(frame_send(ends[0], FRAME_POLICY, "", FRAME_MAX, "", 1, &err), -EMSGSIZE);
	ck_assert_int_eq(frame_send(ends[0], FRAME_POLICY, "", SIZE_MAX, "", 1, &err), -EMSGSIZE);
	ck_assert_int_eq(frame_send(ends[0], FRAME_POLICY, "", 1, "", SIZE_MAX, &err), -EMSGSIZE);
	ck_assert_str_ne(err.text, "");
	shutdown(ends[0], SHUT_WR);
	expect_refusal(EPIPE); /* not a byte was sent */
}
END_TEST

START_TEST(nobody_reads)
{
	close(ends[1]);
	ck_assert_int_eq(frame_send(ends[0], FRAME_LINE, "x", 1, NULL, 0, &err), -EPIPE);
	ck_assert_str_ne(err.text, "");
	ends[1] = -1;
}
END_TEST

START_TEST(not_a_pipe)
{
	ck_assert_int_eq(frame_recv(-1, &frame, &err), -EBADF);
	ck_assert_int_eq(frame_send(-1, FRAME_LINE, "", 0, NULL, 0, &err), -EBADF);
}
END_TEST

/* A timer interrupts every read and write, while bytes come and go in small portions. */

#define BIG (1u << 20)
static volatile sig_atomic_t interrupts;

static void interrupted(int sig)
{
	(void)sig;
	interrupts = interrupts + 1;
}

static void *send_big(void *arg)
{
	struct err why = {""};
	char *bytes = malloc(BIG);

	(void)arg;
	for (size_t i = 0; i < BIG; i++)
		bytes[i] = (char)(i * 7 + i / 256);
	int rc = frame_send(ends[0], FRAME_IMAGE, bytes, BIG / 2 + 1, bytes + BIG / 2 + 1, BIG / 2 - 1, &why);
	free(bytes);
	return rc == 0 ? NULL : (void *)ends;
}

START_TEST(interrupted_all_the_time)
{
	const struct itimerval often = {{0, 50}, {0, 50}}, never = {{0, 0}, {0, 0}};
	const struct sigaction act = {.sa_handler = interrupted}; /* no SA_RESTART */
	const struct timespec nap = {0, 2000000};
	pthread_t thread;
	void *failed = NULL;
	int small = 4096;

	setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	ck_assert_int_eq(pthread_create(&thread, NULL, send_big, NULL), 0);
	nanosleep(&nap, NULL); /* so that both sides come to wait */
	int rc = frame_recv(ends[1], &frame, &err);
	setitimer(ITIMER_REAL, &never, NULL);
	pthread_join(thread, &failed);
	ck_assert_msg(rc == 0, "%s", err.text);
	ck_assert_ptr_null(failed);
	ck_assert_uint_eq(frame.size, BIG);
	ck_assert_int_gt(interrupts, 0);
	for (size_t i = 0; i < BIG; i++)
		if (frame.data[i] != (char)(i * 7 + i / 256))
			ck_abort_msg("byte %zu is another", i);
	free(frame.data);
}
END_TEST

Suite *frames_suite(void)
{
	Suite *s = suite_create("frames");
	TCase *tc = tcase_create("frames");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, whole_messages);
	tcase_add_test(tc, empty_message);
	tcase_add_test(tc, one_after_the_other);
	tcase_add_test(tc, clean_end);
	tcase_add_loop_test(tc, head_cut_short, 1, sizeof(struct frame_head));
	tcase_add_loop_test(tc, body_cut_short, 0, 5);
	tcase_add_loop_test(tc, wrong_head, 0, sizeof wrong / sizeof *wrong);
	tcase_add_test(tc, too_much_to_send);
	tcase_add_test(tc, nobody_reads);
	tcase_add_test(tc, not_a_pipe);
	tcase_add_test(tc, interrupted_all_the_time);
	suite_add_tcase(s, tc);
	return s;
}
