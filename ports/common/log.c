/**
 * @file log.c  A small levelled logger, also behind libre's debug output
 */
#include <string.h>
#include "ue/ue_re.h"
#define DEBUG_MODULE "log"
#define DEBUG_LEVEL 0
#include <re_dbg.h>
#include "ports/common/log.h"


static struct {
	log_h *logh;
	void *arg;
	enum log_level level;
	char line[LOG_LINE_SIZE];
} logger = {NULL, NULL, LOG_LEVEL_INFO, ""};


void log_set_handler(log_h *logh, void *arg)
{
	logger.logh = logh;
	logger.arg = arg;
}


void log_set_level(enum log_level level)
{
	logger.level = level;
}


/** What fits of a piece is kept; re_vsnprintf() would drop all of it */
static int append(const char *p, size_t size, void *arg)
{
	size_t *len = arg;
	const size_t room = sizeof(logger.line) - 1 - *len;
	const size_t n = min(size, room);

	memcpy(logger.line + *len, p, n);
	*len += n;

	return n < size ? EOVERFLOW : 0;
}


static void log_vprintf(enum log_level level, const char *fmt, va_list ap)
{
	size_t len = 0;
	char *p;
	int err;

	if (!logger.logh || level > logger.level)
		return;

	err = re_vhprintf(fmt, ap, append, &len);
	logger.line[len] = '\0';
	if (err && len >= 3)
		memcpy(logger.line + len - 3, "...", 3);

	p = logger.line + len;
	while (p > logger.line && p[-1] == '\n')
		*--p = '\0';
	for (p = logger.line; *p; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '.';
	}

	logger.logh(level, logger.line, logger.arg);
}


void log_printf(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vprintf(level, fmt, ap);
	va_end(ap);
}


/* libre reports by this; its levels are those of syslog */
void dbg_printf(int level, const char *fmt, ...)
{
	enum log_level l = LOG_LEVEL_DEBUG;
	va_list ap;

	if (level <= DBG_ERR)
		l = LOG_LEVEL_ERROR;
	else if (level == DBG_WARNING)
		l = LOG_LEVEL_WARNING;
	else if (level <= DBG_INFO)
		l = LOG_LEVEL_INFO;

	va_start(ap, fmt);
	log_vprintf(l, fmt, ap);
	va_end(ap);
}
