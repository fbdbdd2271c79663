/**
 * @file test_log.c  The logger
 */
#include <string.h>
#include "ue/ue_re.h"
#define DEBUG_MODULE "test"
#define DEBUG_LEVEL 7
#include <re_dbg.h>
#include "ports/common/log.h"
#include "test/unit/test.h"


static struct {
	unsigned count;
	enum log_level level;
	char line[LOG_LINE_SIZE];
} got;


static void keep_line(enum log_level level, const char *line, void *arg)
{
	(void)arg;
	++got.count;
	got.level = level;
	strncpy(got.line, line, sizeof(got.line) - 1);
}


static void start(enum log_level level)
{
	memset(&got, 0, sizeof(got));
	log_set_level(level);
	log_set_handler(keep_line, NULL);
}


static void stop(void)
{
	log_set_handler(NULL, NULL);
	log_set_level(LOG_LEVEL_INFO);
}


static void levels(void)
{
	start(LOG_LEVEL_WARNING);
	log_info("no");
	log_debug("no");
	CHECK_EQ(got.count, 0);
	log_warning("n=%d", 5);
	CHECK_EQ(got.count, 1);
	CHECK_EQ(got.level, LOG_LEVEL_WARNING);
	CHECK_STR(got.line, "n=5");
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug("yes");
	CHECK_EQ(got.count, 2);
	stop();
	log_error("nobody listens");
	CHECK_EQ(got.count, 2);
}


static void forged(void)
{
	start(LOG_LEVEL_INFO);
	log_info("peer said %s", "x\r\nERROR: all is lost\x1b[31m");
	CHECK_STR(got.line, "peer said x..ERROR: all is lost.[31m");
	stop();
}


static void too_long(void)
{
	char text[LOG_LINE_SIZE + 100];

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	start(LOG_LEVEL_INFO);
	log_info("%s", text);
	CHECK_EQ(strlen(got.line), LOG_LINE_SIZE - 1);
	CHECK_STR(got.line + LOG_LINE_SIZE - 4, "...");
	stop();
}


static void libre_output(void)
{
	start(LOG_LEVEL_DEBUG);
	DEBUG_WARNING("trouble %u\n", 7);
	CHECK_EQ(got.level, LOG_LEVEL_WARNING);
	CHECK_STR(got.line, "test: trouble 7");
	DEBUG_PRINTF("detail\n");
	CHECK_EQ(got.level, LOG_LEVEL_DEBUG);
	stop();
}


const struct test_case suite_log[] = {
	{"only wanted levels come through", levels},
	{"what a peer sent cannot start a new line", forged},
	{"a line that is too long is cut and marked", too_long},
	{"libre's debug output comes here, its newline cut", libre_output},
	{NULL, NULL}
};
