/* Which signals are to be passed on: once, whoever heard of them first, and none that the program has got by itself. */
#include <check.h>
#include <signal.h>

#include "hearing.h"

static struct hearing h;
static struct heard heard;

static void forget(void)
{
	h = (struct hearing){0};
}

static void nothing_more(uint64_t now)
{
	ck_assert_int_eq(hearing_next(&h, now, &heard), 0);
	ck_assert_int_eq(hearing_wait(&h, now), -1);
}

START_TEST(of_the_outer_alone)
{
	hearing_of(&h, SIGTERM, HEARD_BY_OUTER, 1000);
	ck_assert_int_eq(hearing_wait(&h, 1005), HEARING_MS - 5);
	ck_assert_int_eq(hearing_next(&h, 1000 + HEARING_MS - 1, &heard), 0);
	ck_assert_int_eq(hearing_next(&h, 1000 + HEARING_MS, &heard), 1);
	ck_assert_int_eq(heard.sig, SIGTERM);
	ck_assert(!heard.ask && !heard.everybody);
	ck_assert_uint_eq(heard.times, 1);
	nothing_more(2000);
}
END_TEST

START_TEST(of_both)
{
	hearing_of(&h, SIGTERM, HEARD_BY_INNER, 1000);
	hearing_of(&h, SIGTERM, HEARD_BY_OUTER, 1010);
	hearing_of(&h, SIGTERM, HEARD_BY_OUTER, 1011); /* to the process, and then to its group */
	ck_assert_int_eq(hearing_next(&h, 1020, &heard), 1);
	ck_assert(heard.everybody && !heard.ask);
	ck_assert_uint_eq(heard.times, 1);
	nothing_more(2000);
}
END_TEST

START_TEST(of_the_inner_alone)
{
	hearing_of(&h, SIGHUP, HEARD_BY_INNER, 1000);
	ck_assert_int_eq(hearing_next(&h, 1020, &heard), 1);
	ck_assert(heard.ask);
	ck_assert_int_eq(heard.sig, SIGHUP);
	nothing_more(99000); /* for as long as the outer takes to answer */
	hearing_answered(&h, SIGHUP, 99000);
	ck_assert_int_eq(hearing_next(&h, 99000, &heard), 1);
	ck_assert(!heard.ask && !heard.everybody);
	nothing_more(99001);
}
END_TEST

START_TEST(of_the_outer_when_asked)
{
	hearing_of(&h, SIGHUP, HEARD_BY_INNER, 1000);
	ck_assert_int_eq(hearing_next(&h, 1020, &heard), 1);
	hearing_of(&h, SIGHUP, HEARD_BY_OUTER, 1500);
	hearing_answered(&h, SIGHUP, 1500);
	ck_assert_int_eq(hearing_next(&h, 1500, &heard), 1);
	ck_assert(heard.everybody);
	nothing_more(2000);
}
END_TEST

START_TEST(queued_ones_are_counted)
{
	for (int i = 0; i < 3; i++)
		hearing_of(&h, 40, HEARD_BY_OUTER, 1000);
	for (int i = 0; i < 3; i++)
		hearing_of(&h, SIGUSR1, HEARD_BY_OUTER, 1000);
	ck_assert_int_eq(hearing_next(&h, 1020, &heard), 1);
	ck_assert_int_eq(heard.sig, SIGUSR1);
	ck_assert_uint_eq(heard.times, 1);
	ck_assert_int_eq(hearing_next(&h, 1020, &heard), 1);
	ck_assert_int_eq(heard.sig, 40);
	ck_assert_uint_eq(heard.times, 3);
	nothing_more(2000);
}
END_TEST

START_TEST(no_such_signal)
{
	hearing_of(&h, 0, HEARD_BY_OUTER, 1000);
	hearing_of(&h, -1, HEARD_BY_OUTER, 1000);
	hearing_of(&h, HEARING_SIGNALS + 1, HEARD_BY_INNER, 1000);
	hearing_answered(&h, 0, 1000);
	hearing_answered(&h, HEARING_SIGNALS + 1, 1000);
	hearing_answered(&h, SIGTERM, 1000); /* which nobody asked about */
	nothing_more(2000);
	hearing_of(&h, HEARING_SIGNALS, HEARD_BY_OUTER, 1000);
	ck_assert_int_eq(hearing_next(&h, 2000, &heard), 1);
	ck_assert_int_eq(heard.sig, HEARING_SIGNALS);
}
END_TEST

Suite *hearing_suite(void);
Suite *hearing_suite(void)
{
	Suite *s = suite_create("hearing");
	TCase *c = tcase_create("hearing");

	tcase_add_checked_fixture(c, forget, NULL);
	tcase_add_test(c, of_the_outer_alone);
	tcase_add_test(c, of_both);
	tcase_add_test(c, of_the_inner_alone);
	tcase_add_test(c, of_the_outer_when_asked);
	tcase_add_test(c, queued_ones_are_counted);
	tcase_add_test(c, no_such_signal);
	suite_add_tcase(s, c);
	return s;
}
