/**
 * @file test_reader.c  Linux port: the loop beside the thread of a reader
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include "ports/linux/usim.h"
#include "test/unit/test.h"

static sigset_t masked;         /* signals that the thread does not take */


/* In place of usim_pcsc.c: there is no service */
void *usim_pcsc_thread(void *arg)
{
	const struct usim_pcsc *pcsc = arg;

	(void)pthread_sigmask(SIG_BLOCK, NULL, &masked);
	(void)close(pcsc->fd);

	return NULL;
}


/* One that the thread takes does not wake the loop */
static void signals(void)
{
	static struct linux_usim us;
	sigset_t before, after;
	int err;

	(void)sigemptyset(&masked);
	(void)pthread_sigmask(SIG_BLOCK, NULL, &before);
	linux_usim_init(&us, NULL, NULL);
	err = linux_usim_open(&us, LINUX_USIM_PCSC, "");
	linux_usim_close(&us);
	if (err == ENOTSUP)
		return;

	CHECK_EQ(err, EIO);
	CHECK(sigismember(&masked, SIGTERM));
	CHECK(sigismember(&masked, SIGINT));
	(void)pthread_sigmask(SIG_BLOCK, NULL, &after);
	CHECK_EQ(sigismember(&after, SIGTERM), sigismember(&before, SIGTERM));
}


const struct test_case suite_reader[] = {
	{"signals are for the loop, not for the reader's thread", signals},
	{NULL, NULL}
};
