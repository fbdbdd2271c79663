/**
 * @file usim.c  The USIM of the Linux port: software, a reader, a modem
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <mbedtls/platform_util.h>
#include "ports/common/log.h"
#include "ports/common/re_loop.h"
#include "ports/linux/usim.h"


/** The reader or the modem has ended a job: the identities, or a challenge */
void linux_usim_done(struct linux_usim *us, const struct usim_apdu *card,
		     int err, const char *why)
{
	struct ue_usim_res res;

	if (us->opening) {
		us->opening = false;
		us->err     = err;
		(void)snprintf(us->why, sizeof(us->why), "%s", why);
		us->id      = card->id;
		us->has_id  = !err;
		return;
	}

	if (!us->busy)
		return;

	us->busy = false;
	if (err) {
		log_printf(LOG_LEVEL_WARNING, "usim: %s", why);
		memset(&res, 0, sizeof(res));
		res.status = UE_USIM_FAILED;
	}
	else {
		res = card->res;
	}

	us->resulth(&res, us->arg);
	mbedtls_platform_zeroize(&res, sizeof(res));
}


/** The card is gone; a job that runs has been ended before */
void linux_usim_gone(struct linux_usim *us, const char *why)
{
	if (us->gone)
		return;

	us->gone = true;
	if (!us->has_id)
		return;

	us->has_id = false;
	memset(&us->id, 0, sizeof(us->id));

	log_printf(LOG_LEVEL_WARNING, "usim: %s", why);
	if (us->goneh)
		us->goneh(why, us->arg);
}


/**
 * No card yet
 *
 * @param us       Overwritten
 * @param resulth  Gets the outcome of each AUTHENTICATE
 * @param arg      Its argument
 */
void linux_usim_init(struct linux_usim *us, linux_usim_result_h *resulth,
		     void *arg)
{
	memset(us, 0, sizeof(*us));
	us->fd      = -1;
	us->resulth = resulth;
	us->arg     = arg;
	tmr_init(&us->tmr);
}


/** A card in software, @return as usim_soft_init() */
int linux_usim_open_soft(struct linux_usim *us,
			 const struct usim_soft_params *prm,
			 const struct ue_port *nv)
{
	const int err = usim_soft_init(&us->soft, prm, nv);

	if (!err)
		us->kind = LINUX_USIM_SOFT;

	return err;
}


/**
 * Open a card and read who it belongs to. The loop runs meanwhile
 *
 * @param us    Initialised
 * @param kind  LINUX_USIM_PCSC or LINUX_USIM_AT
 * @param name  Reader, "" = the first one with a card; device
 *
 * @return 0; else us->why says why: ENOENT no card, no reader, no
 *         application, EACCES a PIN is wanted, ENOTSUP not built, others
 */
int linux_usim_open(struct linux_usim *us, enum linux_usim_kind kind,
		    const char *name)
{
	us->kind    = kind;
	us->opening = true;

	us->err = kind == LINUX_USIM_AT ? usim_tty_open(us, name)
		: usim_reader_open(us, name);
	if (us->err && !us->why[0])
		(void)snprintf(us->why, sizeof(us->why), "%s",
			       strerror(us->err));

	while (!us->err && us->opening) {
		const int err = loop_poll(-1);

		if (err && err != EINTR)
			us->err = err;
	}

	return us->err;
}


/** AUTHENTICATE, @return as usim_authenticate() of ue_port.h */
int linux_usim_authenticate(struct linux_usim *us, const uint8_t rand[16],
			    const uint8_t autn[16])
{
	struct ue_usim_res res;
	int err;

	if (us->kind == LINUX_USIM_NONE || us->gone)
		return ENOENT;

	if (us->kind == LINUX_USIM_SOFT) {
		usim_soft_authenticate(&us->soft, &res, rand, autn);
		us->resulth(&res, us->arg);
		mbedtls_platform_zeroize(&res, sizeof(res));
		return 0;
	}

	if (us->busy)
		return EBUSY;

	us->busy = true;
	err = us->kind == LINUX_USIM_AT
		? usim_tty_authenticate(us, rand, autn)
		: usim_reader_authenticate(us, rand, autn);
	if (err)
		us->busy = false;

	return err;
}


/** Leave the card; no handler is called any more */
void linux_usim_close(struct linux_usim *us)
{
	us->opening = us->busy = false;
	us->gone = true;
	tmr_cancel(&us->tmr);

	if (us->kind == LINUX_USIM_SOFT)
		usim_soft_close(&us->soft);
	else if (us->kind == LINUX_USIM_AT)
		usim_tty_close(us);
	else if (us->kind == LINUX_USIM_PCSC)
		usim_reader_close(us);

	us->kind = LINUX_USIM_NONE;
}
