/**
 * @file usim.h  The USIM of the Linux port: software, a reader, a modem
 *
 * Software answers at once. A modem is a device of the loop: nothing waits
 * for it. PC/SC has calls that block only (a card takes up to a second for
 * AUTHENTICATE, a hung reader for ever), so that they run in a thread of their
 * own; all else, also the choice of commands, runs on the loop.
 *
 * Identities are read when the card is opened, before the UE starts; the loop
 * runs meanwhile. A card that is gone stays gone until the program starts
 * again: another one may be somebody else's.
 */
#ifndef LINUX_USIM_H
#define LINUX_USIM_H

#include <pthread.h>
#include "ports/common/re_port.h"
#include "ports/common/usim_at.h"
#include "ports/common/usim_soft.h"
#include "ports/linux/usim_pcsc.h"

enum linux_usim_kind {
	LINUX_USIM_NONE = 0,
	LINUX_USIM_SOFT,
	LINUX_USIM_PCSC,
	LINUX_USIM_AT
};

/** Time between two looks whether a modem's card is still there */
#define LINUX_USIM_CHECK_MS 5000

/** A reader's time for one command */
#define LINUX_USIM_TIMEOUT_MS 15000

struct linux_usim;

/** AUTHENTICATE has ended; res is wiped after the call */
typedef void (linux_usim_result_h)(const struct ue_usim_res *res, void *arg);

/** The card is gone, and why. May be NULL */
typedef void (linux_usim_gone_h)(const char *why, void *arg);

struct linux_usim {
	enum linux_usim_kind kind;
	struct usim_soft soft;
	struct usim_apdu card;          /**< in a reader                 */
	struct usim_at at;              /**< in a modem                  */
	struct ue_identity id;
	bool has_id;
	bool opening;                   /**< identities are being read   */
	bool busy;                      /**< AUTHENTICATE runs           */
	bool gone;
	int fd;                         /**< device, thread; -1 = none   */
	pthread_t thread;               /**< PC/SC                       */
	bool threaded;
	struct usim_pcsc pcsc;          /**< the thread's                */
	struct tmr tmr;
	int err;                        /**< outcome of opening          */
	char why[128];                  /**< in words                    */
	linux_usim_result_h *resulth;
	linux_usim_gone_h *goneh;
	void *arg;
};

/* usim.c */
void linux_usim_init(struct linux_usim *us, linux_usim_result_h *resulth,
		     void *arg);
int  linux_usim_open_soft(struct linux_usim *us,
			  const struct usim_soft_params *prm,
			  const struct ue_port *nv);
int  linux_usim_open(struct linux_usim *us, enum linux_usim_kind kind,
		     const char *name);
int  linux_usim_authenticate(struct linux_usim *us, const uint8_t rand[16],
			     const uint8_t autn[16]);
void linux_usim_close(struct linux_usim *us);

/* for usim_tty.c, usim_reader.c */
void linux_usim_done(struct linux_usim *us, const struct usim_apdu *card,
		     int err, const char *why);
void linux_usim_gone(struct linux_usim *us, const char *why);

/* usim_tty.c, or usim_no_tty.c */
int  usim_tty_open(struct linux_usim *us, const char *device);
int  usim_tty_authenticate(struct linux_usim *us, const uint8_t rand[16],
			   const uint8_t autn[16]);
void usim_tty_close(struct linux_usim *us);

/* usim_reader.c, or usim_no_reader.c */
int  usim_reader_open(struct linux_usim *us, const char *reader);
int  usim_reader_authenticate(struct linux_usim *us, const uint8_t rand[16],
			      const uint8_t autn[16]);
void usim_reader_close(struct linux_usim *us);

#endif
