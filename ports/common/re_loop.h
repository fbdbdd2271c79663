/**
 * @file re_loop.h  The event loop of ports that have poll(2)
 *
 * libre's fd_listen(), fd_close(), re_main(), re_cancel(), libre_init() and
 * libre_close() on a fixed table of descriptors; one thread. libre's other
 * loop functions (threads, choice of the poll method) are not there.
 */
#ifndef PORT_RE_LOOP_H
#define PORT_RE_LOOP_H

#ifdef UE_CONFIG_FILE
#include UE_CONFIG_FILE
#endif

/** Descriptors watched at a time; 4..1024; cost about 40 octets each.
 *  fd_listen() returns EMFILE when all are in use */
#ifndef LOOP_FDS_MAX
#define LOOP_FDS_MAX 48
#endif

#if LOOP_FDS_MAX < 4 || LOOP_FDS_MAX > 1024
#error "LOOP_FDS_MAX: 4..1024"
#endif

/**
 * One round of the loop: wait for descriptors, call their handlers, then run
 * the timers that are due
 *
 * @param wait_ms  Wait this long at most, 0: do not wait, negative: no limit.
 *                 A timer of libre that is due earlier ends the wait
 *
 * @return 0 also when nothing happened, EINTR: a signal came, else errno of
 *         poll(2)
 */
int loop_poll(int wait_ms);

#endif
