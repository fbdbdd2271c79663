/**
 * @file log.h  A small levelled logger
 *
 * Formats are libre's (re_printf): %r struct pl, %m errno, %J struct sa, ...
 * Control characters are printed as '.', so that what a peer sent cannot
 * forge a line. A line that is too long ends in "...". Never log a secret.
 */
#ifndef PORT_LOG_H
#define PORT_LOG_H

#include <stddef.h>

#ifdef UE_CONFIG_FILE
#include UE_CONFIG_FILE
#endif

/** Longest line with its terminating zero, octets; 80..1024; cost: 1 each */
#ifndef LOG_LINE_SIZE
#define LOG_LINE_SIZE 256
#endif

#if LOG_LINE_SIZE < 80 || LOG_LINE_SIZE > 1024
#error "LOG_LINE_SIZE: 80..1024"
#endif

/** Levels, most important first; the numbers are those of ue_log_level */
enum log_level {
	LOG_LEVEL_ERROR = 0,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/**
 * Where lines go
 *
 * @param level  Level
 * @param line   Zero-terminated, no newline; valid during the call
 * @param arg    Handler argument
 */
typedef void (log_h)(enum log_level level, const char *line, void *arg);

/** Set where lines go; NULL (the default): nowhere */
void log_set_handler(log_h *logh, void *arg);

/** Set the least important level that is logged; default INFO */
void log_set_level(enum log_level level);

/** Log one line */
void log_printf(enum log_level level, const char *fmt, ...);

#define log_error(...) log_printf(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_printf(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_printf(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_printf(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
