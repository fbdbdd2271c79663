/**
 * @file dialog.h  SIP dialogs (RFC 3261 12)
 *
 * A dialog is embedded in its usage (subscription, session).  Its texts are a
 * record in the store of the SIP core.  A peer's value that is too long
 * (EOVERFLOW) or finds no room (ENOMEM) is refused and the old state stays.
 */
#ifndef SIP_DIALOG_H
#define SIP_DIALOG_H

#include "ue/sip/sip.h"

enum sip_dialog_state {
	SIP_DIALOG_NONE = 0,
	SIP_DIALOG_CALLING,     /**< UAC: no tag of the peer yet         */
	SIP_DIALOG_EARLY,
	SIP_DIALOG_CONFIRMED
};

/** Texts of a dialog: sip_dialog_text() */
enum sip_dialog_text {
	SIP_DIALOG_CALL_ID = 0,
	SIP_DIALOG_LOCAL_TAG,
	SIP_DIALOG_REMOTE_TAG,  /**< "" = not known yet                  */
	SIP_DIALOG_LOCAL_URI,
	SIP_DIALOG_REMOTE_URI,
	SIP_DIALOG_REMOTE_TARGET,
	/** Route set in sending order, as `<uri>, <uri>`; before the peer has
	 *  answered: the preloaded route */
	SIP_DIALOG_ROUTES,
	SIP_DIALOG_TEXTS
};

/** Zero-initialised = none */
struct sip_dialog {
	struct sip *sip;
	struct sip_hop *hop;
	uint8_t state;          /**< enum sip_dialog_state               */
	bool uac;
	bool remote_cseq_set;
	uint32_t local_cseq;    /**< of the last request, ACK apart      */
	uint32_t invite_cseq;   /**< of the last INVITE: its ACK has it  */
	uint32_t remote_cseq;
	struct sip_stored text; /**< one after the other, with zeros     */
};

/** One of its texts, "" where there is none; void when the store changes:
 *  store.h */
const char *sip_dialog_text(const struct sip_dialog *dlg,
			    enum sip_dialog_text which);

/**
 * Start a dialog as UAC: fresh Call-ID and tag, CSeq 0
 *
 * @param dlg     Dialog; one that it holds is closed
 * @param sip     SIP core (random, store)
 * @param hop     Way out
 * @param local   Own URI (From), zero-terminated
 * @param remote  Peer's URI (To) and, until it answers, its target
 * @param routes  Preloaded route set, may be NULL
 *
 * @return 0, EOVERFLOW, EIO, ENOMEM; dlg is closed then
 */
int  sip_dialog_init(struct sip_dialog *dlg, struct sip *sip,
		     struct sip_hop *hop, const char *local,
		     const char *remote, const char *routes);

/**
 * Start a dialog as UAS from a request (RFC 3261 12.1.1), with the tag of its
 * transaction, which is in all responses, also to a CANCEL (9.2).  It is
 * EARLY; the user sets SIP_DIALOG_CONFIRMED with the 2xx.
 *
 * @param dlg  Dialog; one that it holds is closed
 * @param st   Transaction of the request
 * @param hop  Way out for requests of ours
 * @param req  The request
 *
 * @return 0, EBADMSG no Contact, EOVERFLOW, ENOMEM; dlg is closed then
 */
int  sip_dialog_accept(struct sip_dialog *dlg, const struct sip_strans *st,
		       struct sip_hop *hop, const struct sip_msg *req);

/**
 * Learn from a response to a request that makes or refreshes the dialog (RFC
 * 3261 12.1.2, 12.2.1.2): remote tag, route set (first time), remote target
 *
 * @return 0; EPROTO another dialog (fork: other To tag); EOVERFLOW; EBADMSG;
 *         ENOMEM
 */
int  sip_dialog_response(struct sip_dialog *dlg, const struct sip_msg *msg);

/** The remote target is the Contact of a reliable provisional response, or of
 *  an INVITE or UPDATE that is about to be accepted (RFC 6141 4.6, 4.7);
 *  without one it stays.  @return 0; EOVERFLOW; ENOMEM */
int  sip_dialog_target(struct sip_dialog *dlg, const struct sip_msg *msg);

/**
 * A request inside the dialog (RFC 3261 12.2.2).  For the target of an INVITE
 * or UPDATE see sip_dialog_target()
 *
 * @return 0; EPROTO CSeq out of order (answer 500); EOVERFLOW; EBADMSG;
 *         ENOMEM
 */
int  sip_dialog_request(struct sip_dialog *dlg, const struct sip_msg *msg);

/** Does the message belong to the dialog?  While CALLING, a request matches
 *  by Call-ID and the own tag alone (a NOTIFY before the 200) */
bool sip_dialog_match(const struct sip_dialog *dlg,
		      const struct sip_msg *msg);

/**
 * The same for a response that belongs to another branch of a forked request
 * (sip_dialog_response() said EPROTO): begin the new dialog
 *
 * @param dlg    Result; may be the same, else overwritten, to be closed
 * @param first  The dialog that sent the request
 *
 * @return as sip_dialog_response(); dlg is then closed
 */
int  sip_dialog_fork(struct sip_dialog *dlg, const struct sip_dialog *first,
		     const struct sip_msg *msg);

/**
 * Begin a request in the dialog: Request-URI, Route (loose and strict
 * routing, RFC 3261 12.2.1.1), From, To, Call-ID, CSeq.  The caller adds the
 * rest and calls sip_ctrans_start().
 *
 * @param method  Method; "ACK" has the CSeq of the INVITE.  A CANCEL is made
 *                by sip_ctrans_cancel()
 *
 * @return The writer (never NULL)
 */
struct sip_writer *sip_dialog_begin(struct sip_dialog *dlg,
				    struct sip *sip, const char *method);

/** Forget it */
void sip_dialog_close(struct sip_dialog *dlg);

#endif
