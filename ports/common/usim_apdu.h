/**
 * @file usim_apdu.h  USIM and ISIM on a card: commands and answers
 *
 * What a card has to be told so that it says who the user is and answers a
 * challenge (TS 31.101, TS 31.102, TS 31.103; ISO/IEC 7816-4). No I/O: the
 * owner carries card->cmd to the card, by a reader or by a modem, and hands
 * the answer to usim_apdu_answer(), until that returns something else than
 * EAGAIN.
 *
 * Each job selects its application first, so that a job depends on nothing
 * that was before it. What comes from the card is not trusted: lengths are
 * checked, odd status words end the job, text is checked character by
 * character, and the number of commands of a job is bounded.
 */
#ifndef USIM_APDU_H
#define USIM_APDU_H

#include <stdbool.h>
#include "ue/ue_port.h"

/** Longest command: AUTHENTICATE, with Le */
#define USIM_COMMAND_MAX 40

/** Longest answer with its status word (short length fields) */
#define USIM_ANSWER_MAX 258

/** The applications of a UICC (TS 101 220 annex E) */
enum usim_app {
	USIM_APP_NONE = 0,
	USIM_APP_ISIM,
	USIM_APP_USIM
};

/** One card. The owner reads cmd, cmd_len, id, res and why */
struct usim_apdu {
	/** The command for the card now */
	uint8_t cmd[USIM_COMMAND_MAX];
	size_t cmd_len;
	/** Result of usim_apdu_identify(); imei stays empty */
	struct ue_identity id;
	/** Result of usim_apdu_authenticate(); the owner wipes it */
	struct ue_usim_res res;
	/** Why a job failed, in words */
	const char *why;

	enum usim_app app;              /**< that answers challenges     */
	bool le;                        /**< case 4 commands carry Le    */
	bool isim;                      /**< there is an ISIM            */
	unsigned state;
	unsigned file;                  /**< file that is read           */
	unsigned rounds;                /**< answers to this command     */
	uint8_t challenge[32];          /**< RAND, AUTN                  */
	uint8_t data[256];              /**< answer without status words */
	size_t data_len;
};

/**
 * A card has been inserted
 *
 * @param card  Card, overwritten
 * @param le    A command with data and an answer carries Le: true for
 *              protocol T=1, false for T=0, where the card says 61xx (ISO/IEC
 *              7816-3 s12)
 */
void usim_apdu_init(struct usim_apdu *card, bool le);

/**
 * Begin to read the identities: EF_IMPI, EF_IMPU (first record) and
 * EF_DOMAIN of the ISIM (TS 31.103 s4.2); if one of them is not there, EF_IMSI
 * and EF_AD of the USIM (TS 31.102 s4.2). card->cmd holds the first command.
 */
void usim_apdu_identify(struct usim_apdu *card);

/**
 * Begin AUTHENTICATE in the IMS context of the ISIM, or in the 3G context of
 * the USIM (TS 31.103 s7.1, TS 31.102 s7.1): the application from which the
 * identities are. card->cmd holds the first command.
 *
 * @return 0; ENOENT no identities have been read
 */
int  usim_apdu_authenticate(struct usim_apdu *card, const uint8_t rand[16],
			    const uint8_t autn[16]);

/**
 * The card's answer to card->cmd
 *
 * @param ans  Data and status word, copied
 * @param len  Octets
 *
 * @return EAGAIN card->cmd holds the next command; 0 the job is done, its
 *         result in card->id or card->res (also when the card refuses the
 *         challenge); else the job has failed, card->why says why: ENOENT no
 *         application for us, EBADMSG not an answer, EACCES a PIN is wanted,
 *         EIO a status word that ends it, EPROTO no job runs
 */
int  usim_apdu_answer(struct usim_apdu *card, const uint8_t *ans,
		      size_t len);

/** Give the running job up: no answer will come */
void usim_apdu_cancel(struct usim_apdu *card);

/** Is card->cmd SELECT by AID? A modem that opens logical channels by
 *  itself wants the AID alone: octets 5 to the end */
bool usim_apdu_selects(const struct usim_apdu *card);

/** Forget the card and what it said */
void usim_apdu_close(struct usim_apdu *card);

#endif
