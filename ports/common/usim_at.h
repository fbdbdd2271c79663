/**
 * @file usim_at.h  The card in a modem, by AT commands (TS 27.007)
 *
 * A logical channel of the modem where it has them (+CCHO, +CCHC, +CGLA:
 * s8.45, s8.46, s8.43), else +CSIM (s8.17) with a channel that is opened by
 * MANAGE CHANNEL, so that what the modem does with the card itself goes on. A
 * channel is open during a job only.
 *
 * No I/O and no clock: the owner writes what sendh is given to the device,
 * hands in what it reads, and calls usim_at_timeout() when for
 * USIM_AT_TIMEOUT_MS nothing has ended the command that was sent last. Lines
 * may come in pieces, with echo, with unsolicited ones between. But the modem
 * must not show short messages there (+CNMI): their text may look like an
 * answer.
 */
#ifndef USIM_AT_H
#define USIM_AT_H

#include "ports/common/usim_apdu.h"

/** Longest line that is read: an answer of USIM_ANSWER_MAX octets in
 *  hexadecimal, its name and length. Longer ones are dropped */
#define USIM_AT_LINE_MAX 560

/** Longest command line that is sent */
#define USIM_AT_COMMAND_MAX 128

/** The modem's time for one command. A card may take seconds */
#define USIM_AT_TIMEOUT_MS 10000

enum usim_at_job {
	USIM_AT_NONE = 0,
	USIM_AT_CHECK,
	USIM_AT_IDENTIFY,
	USIM_AT_AUTHENTICATE
};

/** Write this command line; starts the time for the answer */
typedef void (usim_at_send_h)(const char *cmd, size_t len, void *arg);

/**
 * A job has come to its end. The handler may begin the next one
 *
 * @param job  USIM_AT_IDENTIFY: at->card.id; USIM_AT_AUTHENTICATE:
 *             at->card.res; USIM_AT_CHECK: the card is there; USIM_AT_NONE:
 *             no job ended, the modem told by itself that the card is gone
 * @param err  0; ENOENT the card is gone, all later jobs are refused;
 *             ETIMEDOUT the modem is silent; EACCES, EBADMSG, EIO as
 *             usim_apdu_answer(). at->why says it in words
 */
typedef void (usim_at_done_h)(enum usim_at_job job, int err, void *arg);

/** One modem */
struct usim_at {
	struct usim_apdu card;          /**< id and res: the results     */
	const char *why;                /**< why the last job failed     */
	bool gone;                      /**< the card is gone            */

	enum usim_at_job job;
	unsigned state;
	int err;                        /**< outcome, while it closes    */
	bool probed;                    /**< logical is known            */
	bool logical;                   /**< the modem has +CCHO         */
	bool reopen;                    /**< close, then open            */
	int session;                    /**< open channel, -1 = none     */
	bool late;                      /**< one was asked for, in vain  */
	bool info;                      /**< a line of the answer came   */
	bool ready;                     /**< +CPIN: READY                */
	uint8_t ans[USIM_ANSWER_MAX];
	size_t ans_len;
	char line[USIM_AT_LINE_MAX];
	size_t line_len;                /**< above its size: dropped     */
	usim_at_send_h *sendh;
	usim_at_done_h *doneh;
	void *arg;
};

/** The device is open. Storage is overwritten; handlers must not be NULL */
void usim_at_init(struct usim_at *at, usim_at_send_h *sendh,
		  usim_at_done_h *doneh, void *arg);

/**
 * Begin a job: read the identities; answer a challenge; see whether the card
 * is still there. A check that runs does not hinder the others
 *
 * @return 0: doneh follows; EBUSY another job runs; ENOENT the card is gone,
 *         or no identities have been read
 */
int  usim_at_identify(struct usim_at *at);
int  usim_at_authenticate(struct usim_at *at, const uint8_t rand[16],
			  const uint8_t autn[16]);
int  usim_at_check(struct usim_at *at);

/** Octets from the modem */
void usim_at_recv(struct usim_at *at, const void *buf, size_t len);

/** USIM_AT_TIMEOUT_MS have passed since the last call of sendh */
void usim_at_timeout(struct usim_at *at);

/** The modem itself is gone: as if it told that the card is */
void usim_at_removed(struct usim_at *at);

/** The device will be closed: a channel that is open is closed by one last
 *  call of sendh; no call of doneh. What the card said is wiped */
void usim_at_close(struct usim_at *at);

#endif
