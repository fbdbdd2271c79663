/**
 * @file test_command.c  Commands and output of ports/common
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "ports/common/command.h"
#include "test/unit/test.h"

static struct script sc;

static struct {
	char out[2048];
	size_t len;
	unsigned woken;
	int status;             /* of quit, -1 = goes on */
} seen;


static void on_output(const char *p, size_t len, void *arg)
{
	(void)arg;
	if (sizeof(seen.out) - 1 - seen.len < len)
		len = sizeof(seen.out) - 1 - seen.len;
	memcpy(seen.out + seen.len, p, len);
	seen.len += len;
	seen.out[seen.len] = '\0';
}


static void on_wake(void *arg)
{
	(void)arg;
	++seen.woken;
}


static void on_quit(int status, void *arg)
{
	(void)arg;
	seen.status = status;
}


static const char *on_error(int err, void *arg)
{
	(void)err;
	(void)arg;

	return "an error";
}


static void cmd_mine(struct script *s, char *args)
{
	struct output o;

	command_output(s, &o, "mine");
	output_str(&o, "args", args);
	output_end(&o);
	command_next(s);
}


static void cmd_ask(struct script *s, char *args)
{
	(void)args;
	command_outcome(s, 0, "good", "bad");
}


static void cmd_no(struct script *s, char *args)
{
	(void)args;
	command_failed(s, "never");
}


static const struct command commandv[] = {
	{"mine", cmd_mine, NULL, true, true},
	{"next", cmd_mine, NULL, false, true},
	{"ask", cmd_ask, NULL, false, true},
	{"no", cmd_no, NULL, true, true},
	{"over", cmd_ask, NULL, true, true},
};

static const struct command_port port = {
	.outh = on_output, .helph = on_output, .wakeh = on_wake,
	.quith = on_quit, .errorh = on_error,
	.commandv = commandv, .commandc = 5
};


static void begin(void)
{
	memset(&seen, 0, sizeof(seen));
	seen.status = -1;
	command_init(&sc, &port, NULL, true);
}


static size_t feed(const char *str)
{
	return command_feed(&sc, str, strlen(str));
}


/* Everything that is due at that time.  The wait that is left */
static uint32_t poll_at(uint64_t now_ms)
{
	uint32_t wait_ms;

	do
		wait_ms = command_poll(&sc, now_ms);
	while (!wait_ms);

	return wait_ms;
}


/* What was printed since the last call */
static const char *printed(void)
{
	seen.len = 0;

	return seen.out;
}


static void forget(void)
{
	seen.len = 0;
	seen.out[0] = '\0';
}


/* ------------------------------------------------------------------ */
/* Output */


static void json(void)
{
	const struct pl pl = {"a\0b", 3};
	struct output o;

	begin();
	command_output(&sc, &o, "e");
	output_str(&o, "s", "\"\\\n\x7f\xc3\xa9");
	output_pl(&o, "p", &pl);
	output_num(&o, "zero", 0);
	output_num(&o, "max", UINT64_MAX);
	output_bool(&o, "b", true);
	output_open(&o, "l");
	output_add(&o, "one");
	output_add(&o, ", \"two\"");
	output_close(&o);
	output_end(&o);

	CHECK_STR(printed(), "{\"event\":\"e\","
		  "\"s\":\"\\\"\\\\\\u000a\\u007f\xc3\xa9\","
		  "\"p\":\"a\\u0000b\",\"zero\":0,"
		  "\"max\":18446744073709551615,\"b\":true,"
		  "\"l\":\"one, \\\"two\\\"\"}\n");
}


/* RFC 8259 s8.1: what is no UTF-8 or a control character of C1 does not go
   to who reads the lines, nor to a terminal */
static void foreign(void)
{
	static const struct {
		const char *text, *json, *plain;
	} v[] = {
		{"a\xff" "b", "a\\ufffdb", "a?b"},
		{"\x9b" "2J", "\\ufffd2J", "?2J"},
		{"\xc2\x9b" "2J", "\\u009b2J", "?2J"},
		{"\xc2\xa0\xc3\x9b", "\xc2\xa0\xc3\x9b", "\xc2\xa0\xc3\x9b"},
		{"\xe2\x82\xac\xf0\x9f\x98\x80", "\xe2\x82\xac\xf0\x9f\x98\x80",
		 "\xe2\x82\xac\xf0\x9f\x98\x80"},
		/* cut, too long a form, half of a pair */
		{"x\xe2\x82", "x\\ufffd\\ufffd", "x??"},
		{"\xc0\x80", "\\ufffd\\ufffd", "??"},
		{"\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd", "???"},
	};
	char want[100];
	struct output o;
	size_t i;

	begin();
	for (i = 0; i < 2 * sizeof(v) / sizeof(v[0]); i++) {
		sc.json = !(i % 2);
		command_output(&sc, &o, "e");
		output_str(&o, "s", v[i / 2].text);
		output_end(&o);
		(void)snprintf(want, sizeof(want), sc.json
			       ? "{\"event\":\"e\",\"s\":\"%s\"}\n"
			       : "e: s=%s\n", sc.json ? v[i / 2].json
			       : v[i / 2].plain);
		CHECK_STR(printed(), want);
	}
}


static void plain(void)
{
	const struct ue_addr v4 = {.family = 4, .ip = {192, 0, 2, 1},
				   .port = 5060};
	const struct ue_addr v6 = {.family = 6, .ip = {0x20, 1, 0xd, 0xb8,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, .port = 5061};
	struct output o;

	begin();
	sc.json = false;
	command_output(&sc, &o, "e");
	output_str(&o, "s", "a \"b\"\n");
	output_addr(&o, "v4", &v4);
	output_addr(&o, "v6", &v6);
	output_end(&o);

	CHECK_STR(printed(), "e: s=a \"b\"? v4=192.0.2.1:5060 "
		  "v6=[2001:db8::1]:5061\n");
}


/* ------------------------------------------------------------------ */
/* Commands */


static void lines(void)
{
	begin();
	CHECK_EQ(feed("mi"), 2);
	CHECK_EQ(poll_at(0), UINT32_MAX);
	CHECK_STR(printed(), "");
	CHECK_EQ(feed("ne  a b \r\n\nmine"), 15);
	CHECK_EQ(poll_at(0), UINT32_MAX);
	CHECK_STR(printed(), "{\"event\":\"mine\",\"args\":\"a b\"}\n");
	forget();

	feed("\nwhat\nregister\n");
	(void)poll_at(0);
	CHECK_STR(printed(), "{\"event\":\"mine\",\"args\":\"\"}\n"
		  "{\"event\":\"error\",\"what\":\"what\","
		  "\"reason\":\"no such command\"}\n"
		  "{\"event\":\"error\",\"what\":\"register\","
		  "\"reason\":\"not started\"}\n");
	CHECK_EQ(seen.status, -1);
}


/* A line that does not fit is told once and its rest is no command */
static void long_line(void)
{
	char line[COMMAND_LINE + 40];

	begin();
	memset(line, 'x', sizeof(line));
	CHECK_EQ(command_feed(&sc, line, sizeof(line)), COMMAND_LINE);
	CHECK_EQ(command_room(&sc), 0);
	(void)poll_at(0);
	CHECK_STR(printed(), "{\"event\":\"error\",\"what\":\"\","
		  "\"reason\":\"command too long\"}\n");
	forget();

	CHECK_EQ(command_room(&sc), COMMAND_LINE);
	CHECK_EQ(command_feed(&sc, line, COMMAND_LINE), COMMAND_LINE);
	(void)poll_at(0);
	feed("mine not\nmine yes\n");
	(void)poll_at(0);
	CHECK_STR(printed(), "{\"event\":\"mine\",\"args\":\"yes\"}\n");
}


/* What comes while a command runs waits, and nothing of it is lost */
static void waits(void)
{
	unsigned n = 0;

	begin();
	feed("ask\n");
	CHECK_EQ(poll_at(0), UINT32_MAX);
	CHECK(!command_idle(&sc));
	while (command_room(&sc) >= 8) {
		feed("ask 123\n");
		++n;
	}
	feed("zzzzzzzz");
	CHECK_EQ(command_room(&sc), 0);
	CHECK_EQ(feed("mine\n"), 0);

	for (; n; n--) {
		CHECK_EQ(poll_at(0), UINT32_MAX);
		command_event(&sc, "good");
	}
	(void)poll_at(0);
	CHECK_STR(printed(), "");
	command_event(&sc, "bad");
	(void)poll_at(0);
	CHECK_STR(printed(), "{\"event\":\"error\",\"what\":\"ask\","
		  "\"reason\":\"bad\"}\n");
}


/* Commands that may run beside another one do */
static void beside(void)
{
	begin();
	feed("ask\nmine 1\nwhat\n");
	(void)poll_at(0);
	CHECK_STR(printed(), "{\"event\":\"mine\",\"args\":\"1\"}\n");
	forget();
	command_event(&sc, "other");
	(void)poll_at(0);
	CHECK_STR(printed(), "");
	command_event(&sc, "good");
	(void)poll_at(0);
	CHECK_STR(printed(), "{\"event\":\"error\",\"what\":\"what\","
		  "\"reason\":\"no such command\"}\n");
	forget();

	/* one that fails is told, and no other than it */
	feed("ask\nno\n");
	(void)poll_at(0);
	CHECK_STR(printed(), "{\"event\":\"error\",\"what\":\"no\","
		  "\"reason\":\"never\"}\n");
	CHECK(!command_idle(&sc));
	forget();
	command_event(&sc, "bad");
	(void)poll_at(0);
	CHECK_STR(printed(), "{\"event\":\"error\",\"what\":\"ask\","
		  "\"reason\":\"bad\"}\n");
	CHECK(command_idle(&sc));

	/* the time of what it takes the place of is not its own */
	feed("wait late 5\nover\n");
	CHECK_EQ(poll_at(0), UINT32_MAX);
	command_event(&sc, "good");
	(void)poll_at(0);
	CHECK(command_idle(&sc));
	feed("sleep 5\nover\n");
	CHECK_EQ(poll_at(0), UINT32_MAX);
	command_event(&sc, "good");
	(void)poll_at(0);
	CHECK(command_idle(&sc));
}


static void times(void)
{
	begin();
	feed("sleep 1.25\nnext\n");
	CHECK_EQ(poll_at(1000), 1250);
	CHECK_EQ(poll_at(2249), 1);
	CHECK_STR(printed(), "");
	CHECK_EQ(poll_at(2250), UINT32_MAX);
	CHECK_STR(printed(), "{\"event\":\"mine\",\"args\":\"\"}\n");
	forget();

	feed("sleep 0\nsleep x\nsleep 1.2.3\nsleep 86401\n");
	(void)poll_at(3000);
	CHECK_STR(printed(),
		  "{\"event\":\"error\",\"what\":\"sleep\","
		  "\"reason\":\"sleep SECONDS\"}\n"
		  "{\"event\":\"error\",\"what\":\"sleep\","
		  "\"reason\":\"sleep SECONDS\"}\n"
		  "{\"event\":\"error\",\"what\":\"sleep\","
		  "\"reason\":\"sleep SECONDS\"}\n"
		  "{\"event\":\"error\",\"what\":\"sleep\","
		  "\"reason\":\"sleep SECONDS\"}\n");
}


static void wait_event(void)
{
	begin();
	command_event(&sc, "early");
	feed("wait early\nwait late 2\nwait never\n");
	CHECK_EQ(poll_at(0), 2000);
	command_event(&sc, "late");
	CHECK_EQ(poll_at(1000), 30000);
	CHECK_EQ(poll_at(31000), UINT32_MAX);
	CHECK_STR(printed(), "{\"event\":\"error\",\"what\":\"wait\","
		  "\"reason\":\"time-out\"}\n");
}


/* A script ends with 0 after its last command, with 1 after one that failed */
static void script(void)
{
	begin();
	command_script(&sc, "mine 1; ; ask;mine 2");
	CHECK_EQ(poll_at(0), UINT32_MAX);
	CHECK_EQ(seen.status, -1);
	command_event(&sc, "good");
	(void)poll_at(0);
	CHECK_EQ(seen.status, 0);
	CHECK_STR(printed(), "{\"event\":\"mine\",\"args\":\"1\"}\n"
		  "{\"event\":\"mine\",\"args\":\"2\"}\n");

	begin();
	command_script(&sc, "ask; mine 2");
	(void)poll_at(0);
	command_event(&sc, "bad");
	CHECK_EQ(seen.status, 1);
	CHECK_EQ(command_poll(&sc, 0), UINT32_MAX);
	CHECK_STR(printed(), "{\"event\":\"error\",\"what\":\"ask\","
		  "\"reason\":\"bad\"}\n");
}


/* A command of a script that does not fit is none */
static void long_script(void)
{
	char line[COMMAND_LINE + 1];

	begin();
	memset(line, 'x', sizeof(line) - 1);
	line[COMMAND_LINE] = '\0';
	command_script(&sc, line);
	(void)poll_at(0);
	CHECK_STR(printed(), "{\"event\":\"error\",\"what\":\"\","
		  "\"reason\":\"command too long\"}\n");
	CHECK_EQ(seen.status, 1);
}


static void help(void)
{
	begin();
	feed("help\n");
	(void)poll_at(0);
#if COMMAND_HELP
	CHECK(strstr(printed(), "  register        register with the network"
		     "\n"));
#else
	CHECK(strstr(printed(), "  register\n"));
#endif
	CHECK(strstr(printed(), "\n  quit"));
	CHECK(strstr(printed(), "\n  mine\n"));
	CHECK(command_idle(&sc));
	feed("quit\n");
	(void)poll_at(0);
	CHECK_EQ(seen.status, 0);
}


/* How many events are remembered is limited, not how many there are */
static void many_events(void)
{
	static char name[COMMAND_EVENTS + 1][8];
	char line[20];
	unsigned i;

	begin();
	for (i = 0; i <= COMMAND_EVENTS; i++) {
		snprintf(name[i], sizeof(name[i]), "e%u", i);
		command_event(&sc, name[i]);
		command_event(&sc, name[i]);
	}
	feed("wait e0\nnext\n");
	(void)poll_at(0);
	CHECK_STR(printed(), "{\"event\":\"mine\",\"args\":\"\"}\n");
	forget();
	feed("wait e1 \nsleep 1\n");
	CHECK_EQ(poll_at(0), 1000);
	/* no event ends a sleep */
	command_event(&sc, "e1");
	CHECK_EQ(poll_at(500), 500);
	(void)poll_at(1000);
	/* what is not remembered is waited for */
	snprintf(line, sizeof(line), "wait e%u\n", COMMAND_EVENTS);
	feed(line);
	CHECK_EQ(poll_at(1000), 30000);
}


static void wrong_waits(void)
{
	static const char *const v[] = {
		"wait", "wait e 0", "wait e x", "wait e 1 2",
		"wait a1234567890123456789012345678901",
	};
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		begin();
		feed(v[i]);
		feed("\n");
		CHECK_EQ(poll_at(0), UINT32_MAX);
		CHECK_STR(printed(), "{\"event\":\"error\","
			  "\"what\":\"wait\","
			  "\"reason\":\"wait EVENT [SECONDS]\"}\n");
		CHECK(command_idle(&sc));
	}
}


static void end_of_input(void)
{
	begin();
	feed("ask\nmine\n");
	command_eof(&sc);
	(void)poll_at(0);
	CHECK_EQ(seen.status, -1);
	command_event(&sc, "good");
	(void)poll_at(0);
	CHECK_EQ(seen.status, 0);
}


const struct test_case suite_command[] = {
	{"output: JSON, RFC 8259 s7", json},
	{"output: plain text", plain},
	{"output: what is no UTF-8, and control characters", foreign},
	{"commands: lines in pieces", lines},
	{"commands: a line that is too long", long_line},
	{"commands: what comes while one runs waits", waits},
	{"commands: some run beside another", beside},
	{"commands: sleep", times},
	{"commands: wait", wait_event},
	{"commands: wait, with wrong arguments", wrong_waits},
	{"commands: more events than are remembered", many_events},
	{"commands: a script and its exit status", script},
	{"commands: a script with a command that is too long", long_script},
	{"commands: help, quit", help},
	{"commands: end of input", end_of_input},
	{NULL, NULL}
};
