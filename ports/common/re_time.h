/**
 * @file re_time.h  The clock of libre's timers
 *
 * libre's tmr.c reads gettimeofday(), which jumps when somebody sets the
 * clock. It is compiled to call re_gettimeofday() instead, which counts from
 * an arbitrary start and only goes forward.
 */
#ifndef PORT_RE_TIME_H
#define PORT_RE_TIME_H

#include <stdint.h>

/** A monotonic clock: microseconds since an arbitrary start */
typedef uint64_t (re_time_h)(void *arg);

/**
 * Use another clock, for tests
 *
 * @param timeh  Clock; NULL: the platform's own again
 * @param arg    Its argument
 */
void re_time_set(re_time_h *timeh, void *arg);

/** The clock in use, in microseconds */
uint64_t re_time_us(void);

/** The clock in use, in milliseconds: what ue_poll() wants */
uint64_t re_time_ms(void);

/**
 * The platform's clock, implemented by each port
 *
 * @return Microseconds since an arbitrary start, never going back
 */
uint64_t re_time_platform_us(void);

#endif
