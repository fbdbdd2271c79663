/**
 * @file test_ue_timer.c  Timers on the time that is handed in
 */
#include "test/unit/test.h"
#include "ue/ue_timer.h"

static struct ue_timers ts;
static struct ue_timer tv[4];
static char order[16];
static unsigned n;


static void note_h(void *arg)
{
	order[n++] = *(const char *)arg;
	order[n] = '\0';
}


static void again_h(void *arg)
{
	note_h(arg);
	ue_timer_start(&ts, &tv[0], 0, again_h, arg);
}


static void cancel_h(void *arg)
{
	note_h(arg);
	ue_timer_cancel(&ts, &tv[1]);
}


static void begin(void)
{
	unsigned i;

	ts = (struct ue_timers){0};
	for (i = 0; i < 4; i++)
		tv[i] = (struct ue_timer){0};
	n = 0;
	order[0] = '\0';
}


static void due_order(void)
{
	begin();
	ue_timer_start(&ts, &tv[0], 30, note_h, "c");
	ue_timer_start(&ts, &tv[1], 10, note_h, "a");
	ue_timer_start(&ts, &tv[2], 20, note_h, "b");

	CHECK_EQ(ue_timers_wait_ms(&ts), 10);
	ue_timers_set_now(&ts, 9);
	CHECK_EQ(ue_timers_run(&ts, 10), 0);
	CHECK_EQ(ue_timers_wait_ms(&ts), 1);
	ue_timers_set_now(&ts, 20);
	CHECK_EQ(ue_timers_run(&ts, 10), 2);
	CHECK_STR(order, "ab");
	CHECK_EQ(ue_timer_left_ms(&ts, &tv[0]), 10);
	ue_timers_set_now(&ts, 1000);
	CHECK_EQ(ue_timers_wait_ms(&ts), 0);
	CHECK_EQ(ue_timers_run(&ts, 10), 1);
	CHECK_STR(order, "abc");
	CHECK(ue_timers_wait_ms(&ts) == UINT32_MAX);
}


static void equal_times(void)
{
	begin();
	ue_timer_start(&ts, &tv[0], 5, note_h, "a");
	ue_timer_start(&ts, &tv[1], 5, note_h, "b");
	ue_timer_start(&ts, &tv[2], 5, note_h, "c");
	ue_timers_set_now(&ts, 5);
	CHECK_EQ(ue_timers_run(&ts, 10), 3);
	CHECK_STR(order, "abc");
}


static void restart(void)
{
	begin();
	ue_timer_start(&ts, &tv[0], 5, note_h, "a");
	ue_timer_start(&ts, &tv[1], 6, note_h, "b");
	ue_timer_start(&ts, &tv[0], 7, note_h, "A");
	ue_timers_set_now(&ts, 7);
	CHECK_EQ(ue_timers_run(&ts, 10), 2);
	CHECK_STR(order, "bA");
}


static void cancel(void)
{
	begin();
	ue_timer_cancel(&ts, &tv[0]);
	ue_timer_start(&ts, &tv[0], 5, cancel_h, "a");
	ue_timer_start(&ts, &tv[1], 5, note_h, "b");
	ue_timer_start(&ts, &tv[2], 5, note_h, "c");
	ue_timers_set_now(&ts, 5);
	CHECK(ue_timer_running(&tv[1]));
	CHECK_EQ(ue_timers_run(&ts, 10), 2);
	CHECK_STR(order, "ac");
	CHECK(!ue_timer_running(&tv[1]));
	CHECK_EQ(ue_timer_left_ms(&ts, &tv[1]), 0);
}


static void bounded(void)
{
	begin();
	ue_timer_start(&ts, &tv[0], 0, again_h, "x");
	CHECK_EQ(ue_timers_run(&ts, 5), 5);
	CHECK_STR(order, "xxxxx");
	CHECK(ue_timer_running(&tv[0]));
}


static void backwards(void)
{
	begin();
	ue_timers_set_now(&ts, 100);
	ue_timer_start(&ts, &tv[0], 10, note_h, "a");
	ue_timers_set_now(&ts, 50);
	CHECK_EQ(ue_timer_left_ms(&ts, &tv[0]), 10);
	ue_timers_set_now(&ts, 110);
	CHECK_EQ(ue_timers_run(&ts, 1), 1);
}


static void far_away(void)
{
	begin();
	ue_timer_start(&ts, &tv[0], (uint64_t)1 << 40, note_h, "a");
	CHECK(ue_timers_wait_ms(&ts) == UINT32_MAX);
	ue_timers_set_now(&ts, ((uint64_t)1 << 40) - 3);
	CHECK_EQ(ue_timers_wait_ms(&ts), 3);
}


/* A command does not know how late it is */
static void late(void)
{
	begin();
	ue_timers_set_now(&ts, 100);
	ue_timer_start(&ts, &tv[0], 50, note_h, "a");
	ts.idle = true;
	ue_timer_start(&ts, &tv[1], 10, note_h, "c");
	ue_timer_start(&ts, &tv[2], 5, note_h, "b");
	ue_timer_start(&ts, &tv[3], 5, note_h, "x");
	ue_timer_cancel(&ts, &tv[3]);

	ue_timers_set_now(&ts, 200);
	CHECK_EQ(ue_timer_left_ms(&ts, &tv[0]), 0);
	CHECK_EQ(ue_timer_left_ms(&ts, &tv[1]), 10);
	CHECK_EQ(ue_timer_left_ms(&ts, &tv[2]), 5);
	CHECK_EQ(ue_timers_run(&ts, 10), 1);
	ue_timers_set_now(&ts, 210);
	CHECK_EQ(ue_timers_run(&ts, 10), 2);
	CHECK_STR(order, "abc");
}


const struct test_case suite_ue_timer[] = {
	{"a timer that a command starts runs from the time that is told next",
	 late},
	{"timers run in order of their due time, not before it", due_order},
	{"timers due at the same time run as they were started", equal_times},
	{"starting a running timer moves it", restart},
	{"a cancelled timer does not run, also from another's handler",
	 cancel},
	{"a timer that starts itself again does not run for ever", bounded},
	{"time that goes back is ignored", backwards},
	{"a wait longer than 32 bits says UINT32_MAX", far_away},
	{NULL, NULL}
};
