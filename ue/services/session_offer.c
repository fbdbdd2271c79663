/**
 * @file session_offer.c  Offer and answer (RFC 3264)
 *
 * An offer of the peer is kept as text, in the store of the SIP core, until
 * it is answered; of the rest only what the next exchange needs.
 *
 * The first exchanges of a session that we make, in the early dialog:
 *
 *   state     event                  action                           next
 *   -------------------------------------------------------------------------
 *   OFFERED   rel                    PRACK, read, reserve (s5)        ANSWERED
 *             200                    ACK, read, reserve, tell         STABLE
 *                                    ESTABLISHED
 *   ASKED     rel                    PRACK, description, reserve      ANSWERED
 *             200                    ACK, description, reserve, tell  STABLE
 *                                    ESTABLISHED
 *   OFFERED,  rel none               PRACK                            -
 *   ASKED
 *   OFFERED   rel bad                PRACK, CANCEL                    FAILED
 *   ASKED     rel bad                CANCEL (no answer to be made)    FAILED
 *   OFFERED,  200 none, 200 bad      ACK, BYE (RFC 3261 s13.2.2.4)    FAILED
 *   ASKED     UPDATE, UPDATE none    481 (no dialog yet)              -
 *             UPDATE bad             481                              -
 *   ANSWERED  ready                  UPDATE, description (RFC 3312)   UPDATE
 *             UPDATE                 200, description (RFC 3311 s5.2) -
 *             200, 200 none, 200 bad ACK, tell ESTABLISHED            STABLE
 *   PRACK     P200                   read (RFC 3262 s5)               ANSWERED
 *             P200 none, P488        CANCEL                           FAILED
 *             P silent               CANCEL                           FAILED
 *             200, 200 none, 200 bad ACK, tell ESTABLISHED            LATE
 *   LATE      P200                   read                             STABLE
 *             P200 none, P488        BYE                              FAILED
 *             P silent               BYE                              FAILED
 *   UPDATE*   P200, P200 none, P488  - (its PRACK had no offer)       UPDATE
 *   UPDATE,   U200                   read (RFC 3311 s5.1)             ANSWERED
 *   UPDATE*   U491                   - (again, s5.3)                  ANSWERED
 *             U200 none, U488        CANCEL (RFC 3312 s8)             FAILED
 *             U silent               CANCEL                           FAILED
 *             200, 200 none, 200 bad ACK, tell ESTABLISHED            LATE*
 *   LATE*     U200                   read                             STABLE
 *             U488                   - (it is established)            STABLE
 *             U491                   -                                STABLE
 *             U200 none, U silent    BYE                              FAILED
 *   ANSWERED, rel, rel none, rel bad PRACK (RFC 3261 s13.2.1)         -
 *   PRACK,
 *   UPDATE,
 *   UPDATE*
 *   PRACK,    UPDATE, UPDATE bad     491 (RFC 3311 s5.2)              -
 *   UPDATE,
 *   UPDATE*,
 *   LATE,
 *   LATE*
 *   ANSWERED, UPDATE none            200                              -
 *   PRACK,
 *   UPDATE,
 *   UPDATE*,
 *   LATE,
 *   LATE*,
 *   STABLE
 *   ANSWERED, UPDATE bad             488                              -
 *   STABLE
 *   STABLE    UPDATE                 200, description                 -
 *   ANSWERED  refused                CANCEL (RFC 3312 s8)             FAILED
 *   LATE,     200, 200 none, 200 bad ACK (it has come again)          -
 *   LATE*,
 *   STABLE
 *
 * OFFERED, ASKED: INVITE with our offer, or without; ANSWERED: a reliable 1xx
 * (rel) has made the first exchange; PRACK, UPDATE: in that request there is
 * another offer of ours, with our status (RFC 3312 s6), UPDATE*: and a PRACK
 * without one is not answered either; LATE, LATE*: then the 2xx came first.
 * P, U: answers to PRACK and UPDATE; ready, refused: the resources; read: by
 * the user's answer_h; none: without a description; bad: one that is of no
 * use.  1xx that are not reliable, and any other pair: nothing.
 */
#include <errno.h>
#include <string.h>
#include "ue/services/call.h"
#include "ue/services/session_core.h"
#include "ue/sip/multipart.h"

/** What an offer that waits for the user leaves of the store: for the dialog
 *  and its answers, and a BYE and a REGISTER beside it */
#define LEAVE 3072


/* ------------------------------------------------------------------ */
/* Directions */


static enum sdesc_dir wanted(const struct session *s)
{
	if (s->hold || s->flags & SESSION_SENDONLY)
		return SDESC_SENDONLY;

	return s->flags & SESSION_RECVONLY ? SDESC_RECVONLY : SDESC_SENDRECV;
}


/* What we offer: our wish, as far as the peer's lets us (RFC 3264 s8.4).  A
   peer that asks for an offer may be about to give us to another one */
static enum sdesc_dir offered_dir(const struct session *s)
{
	return session_is_asked(s) ? wanted(s) :
		sdesc_dir_answer((enum sdesc_dir)s->remote_dir, wanted(s));
}


/* The peer has said a direction.  What our own hold forbids it to say is not
   its wish: that stays as it was */
static void learn_dir(struct session *s, const struct sdesc_media *m)
{
	static const uint8_t zero[4];
	const unsigned may = sdesc_dir_reverse(wanted(s));
	unsigned dir = m->dir;

	/* RFC 3264 s8.4: the old way to hold */
	if (m->addr.family == 4 && !memcmp(m->addr.ip, zero, 4))
		dir &= SDESC_SENDONLY;

	s->remote_dir = (uint8_t)(dir | (s->remote_dir & ~may & 3));
}


/* The first stream speaks for all */
static int take_stream(struct session *s, const struct sdesc *sdp, bool offer)
{
	struct sdesc_media m;
	unsigned i = 0;

	do {
		if (sdesc_media(&m, sdp, i++))
			return 0;
	} while (!m.port);

	learn_dir(s, &m);

	return session_qos_take(s, &m, offer);
}


/* ------------------------------------------------------------------ */
/* Writing */


/* A stream that is not there: the slot stays, its media type is free (RFC
   3264 s8.1, s8.2) */
static void write_empty(struct sip_writer *w)
{
	sdesc_write_media(w, "audio", 0, "RTP/AVP", "0");
}


/* @return is there one? */
static bool write_stream(struct session *s, struct sip_writer *w, unsigned i,
			 const struct sdesc_media *offer)
{
	int err = ENOENT;

	if (!offer || offer->port)
		err = s->user->write_media_h(s, w, i, offer, s->arg);

	if (err) {
		/* a shortage of our own is no end of a stream */
		if (err != ENOENT && !w->err)
			w->err = err;
		return false;
	}

	sdesc_write_dir(w, offer ? sdesc_dir_answer(
				(enum sdesc_dir)offer->dir, wanted(s))
			: offered_dir(s));
	if (s->preconditions)
		sdesc_write_qos(w, &s->qos);

	return true;
}


/* As many as offered, in order; an offer of ours has no fewer than the last
   exchange (RFC 3264 s6, s8) */
static unsigned write_streams(struct session *s, struct sip_writer *w,
			      const struct sdesc *offer)
{
	struct sdesc_media m;
	unsigned i, accepted = 0;

	for (i = 0; i < SDESC_MEDIA_MAX; i++) {

		if (offer && sdesc_media(&m, offer, i))
			break;

		if (write_stream(s, w, i, offer ? &m : NULL))
			++accepted;
		else if (offer) {
			sdesc_write_refused(w, &m);
			/* the next time there may be room for it */
			if (m.port)
				s->offer_hash = 0;
			/* s8.2: what the peer itself removes is no refusal */
			if (s->described) {
				accepted += !m.port;
				(void)call_removed(s, i);
			}
		}
		else if (i < s->mediac) {
			/* that of a session without streams has none */
			write_empty(w);
			accepted += s->described;
		}
		else
			break;
	}

	s->mediac = (uint8_t)i;

	return accepted;
}


/* A description in the store: pinned while it is read */
static int read_stored(struct sdesc *sdp, struct session *s,
		       const struct sip_stored *rec)
{
	struct sip_store *st = &session_sip(s)->store;
	const struct pl text = {sip_store_ptr(st, rec), rec->len};

	sip_store_pin(st, rec, true);

	return text.p ? sdesc_decode(sdp, &text) : ENOENT;
}


static void write_sdp(struct session *s, struct sip_writer *w,
		      enum session_write how)
{
	const bool answer = s->offer == SESSION_OFFER_REMOTE;
	struct sdesc sdp;

	if (answer && read_stored(&sdp, s, &s->offered) && !w->err)
		w->err = EBADMSG;

	if (how == SESSION_WRITE_NEW && !w->err)
		++s->version;

	sdesc_write_session(w, s->sess_id, s->version,
			    &s->all->ue->reg.info.local);

	/* RFC 3264 s6: an answer that refuses all is no answer for us: the
	   offer is refused as a whole */
	if (!w->err && !write_streams(s, w, answer ? &sdp : NULL) && !w->err)
		w->err = EPROTO;

	sip_store_pin(&session_sip(s)->store, &s->offered, false);
}


static void part_head(struct sip_writer *w, const char *boundary,
		      const struct session_part *part)
{
	sip_writer_line(w, "--%s", boundary);
	sip_writer_hdr(w, SIP_HDR_CONTENT_TYPE, "%s", part->ctype);
	if (part->disposition)
		sip_writer_hdr(w, SIP_HDR_CONTENT_DISPOSITION, "%s",
			       part->disposition);
	if (part->content_id)
		sip_writer_hdr_named(w, "Content-ID", "<%s>",
				     part->content_id);
	sip_writer_eol(w);
}


/* What the user leaves out is not there */
static bool get_part(struct session *s, unsigned index,
		     struct session_part *part)
{
	memset(part, 0, sizeof(*part));

	return !s->user->part_h(s, index, part, NULL, s->arg);
}


/* RFC 2046 s5.1, RFC 5621.  The own tag is random: no part has it */
static void write_multipart(struct session *s, struct sip_writer *w,
			    enum session_write how)
{
	static const struct session_part sdp = {.ctype = "application/sdp"};
	const char *boundary = sip_dialog_text(&s->dlg, SIP_DIALOG_LOCAL_TAG);
	struct session_part part;
	char ctype[48] = "multipart/mixed;boundary=";
	unsigned i;

	memcpy(ctype + strlen(ctype), boundary, strlen(boundary) + 1);
	sip_writer_body_begin(w, ctype);
	part_head(w, boundary, &sdp);
	write_sdp(s, w, how);
	sip_writer_eol(w);

	for (i = 0; get_part(s, i, &part); i++) {
		part_head(w, boundary, &part);
		(void)s->user->part_h(s, i, &part, w, s->arg);
		sip_writer_eol(w);
	}

	sip_writer_line(w, "--%s--", boundary);
}


static bool has_parts(struct session *s)
{
	struct session_part part;

	return s->user->part_h && get_part(s, 0, &part);
}


/* An exchange is complete: what an offer is that comes to nothing, the
   session stays as it is now (RFC 3261 s14.1) */
static void agreed(struct session *s)
{
	s->described = true;
	s->agreedc = s->mediac;
	s->agreed_dir = s->remote_dir;
}


void session_other_next(struct session *s)
{
	s->answered = true;
	s->offer_hash = 0;
}


static void forget_offer(struct session *s)
{
	sip_store_free(&session_sip(s)->store, &s->offered);
	s->offer = SESSION_OFFER_NONE;
}


/* RFC 3311 s5.2: nor does it say anything of resources */
static void take_back_qos(struct session *s)
{
	s->qos = s->qos_before;
	s->preconditions = s->preconditions_before;
	s->confirm = s->confirm_before;
}


int session_write_body(struct session *s, struct sip_writer *w,
		       enum session_write how, bool parts)
{
	int err;

	if (parts && has_parts(s)) {
		write_multipart(s, w, how);
	}
	else {
		sip_writer_body_begin(w, "application/sdp");
		write_sdp(s, w, how);
	}

	err = sip_writer_body_end(w);
	if (err)
		return err;

	s->told = s->qos.curr_local;

	s->answered = s->offer == SESSION_OFFER_REMOTE;
	if (s->answered) {
		agreed(s);
		forget_offer(s);
	}
	else {
		s->offer = SESSION_OFFER_LOCAL;
		/* all that there is, of which the ACK takes something */
		if (s->st)
			session_other_next(s);
	}

	return 0;
}


void session_drop_offer(struct session *s)
{
	if (s->offer == SESSION_OFFER_REMOTE) {
		take_back_qos(s);
		/* what was not answered is no offer that comes again */
		s->offer_hash = 0;
	}
	forget_offer(s);
	s->mediac = s->agreedc;
	s->remote_dir = s->agreed_dir;
}


/* ------------------------------------------------------------------ */
/* Reading */


/* RFC 3264 s6: the answer has as many streams as the offer.  early: those of
   messages are left alone */
static int read_answer(struct session *s, const struct sdesc *sdp, bool early)
{
	struct sdesc_media m;
	unsigned i;

	if (sdp->mediac != s->mediac)
		return EPROTO;

	for (i = 0; s->user->answer_h && !sdesc_media(&m, sdp, i); i++) {
		if (early && sdesc_media_is(&m, "message", NULL))
			continue;
		/* the others go on */
		if (s->described && !m.port) {
			/* s8: what we write next is another description */
			if (call_removed(s, i))
				session_other_next(s);
		}
		else if (s->user->answer_h(s, i, &m, s->arg))
			return EPROTO;
	}

	return 0;
}


static int take_answer(struct session *s, const struct sdesc *sdp)
{
	int err = read_answer(s, sdp, false);

	if (err)
		return err;

	err = take_stream(s, sdp, false);
	s->offer = SESSION_OFFER_NONE;
	agreed(s);

	return err;
}


/* RFC 3264 s8: an offer after the first has no fewer streams */
static int take_offer(struct session *s, const struct sdesc *sdp,
		      const struct pl *text)
{
	struct sip *sip = session_sip(s);
	const uint16_t hash = (uint16_t)session_hash(text, 0);
	int err;

	if (!sdp->mediac || sdp->mediac < s->mediac)
		return EPROTO;
	if (text->l > UE_SDP_MAX)
		return EOVERFLOW;

	s->qos_before = s->qos;
	s->preconditions_before = s->preconditions;
	s->confirm_before = s->confirm;

	err = take_stream(s, sdp, true);
	if (!err)
		err = sip_store_alloc(&s->offered, &sip->store, text->l,
				      s->described ? 0 : LEAVE);
	if (err) {
		s->remote_dir = s->agreed_dir;
		take_back_qos(s);
	}
	else {
		memcpy(sip_store_ptr(&sip->store, &s->offered), text->p,
		       text->l);
		s->offer = SESSION_OFFER_REMOTE;
		s->same = s->offer_hash == hash;
		s->offer_hash = hash;
	}

	return err;
}


int session_take(struct session *s, const struct sip_msg *msg)
{
	struct sdesc sdp;
	struct pl body;
	int err;

	err = sip_body_find(&body, msg, "application", "sdp");
	if (!err)
		err = sdesc_decode(&sdp, &body);
	if (err)
		return err;

	if (s->offer == SESSION_OFFER_LOCAL)
		return take_answer(s, &sdp);

	return s->offer == SESSION_OFFER_NONE
		? take_offer(s, &sdp, &body) : EPROTO;
}


/* RFC 3261 s13.2.1: tones and announcements of a gateway without 100rel.  What
   counts is read again, from the 2xx: it need not be the same, whatever the
   clause says */
void session_take_early(struct session *s, const struct sip_msg *msg)
{
	struct sdesc sdp;
	struct pl body;

	if (!s->described && s->offer == SESSION_OFFER_LOCAL &&
	    !sip_body_find(&body, msg, "application", "sdp") &&
	    !sdesc_decode(&sdp, &body))
		(void)read_answer(s, &sdp, true);
}


int session_take_kept(struct session *s)
{
	struct sdesc sdp;
	int err = read_stored(&sdp, s, &s->kept);

	if (!err)
		err = take_answer(s, &sdp);
	sip_store_pin(&session_sip(s)->store, &s->kept, false);

	return err;
}


uint16_t session_take_status(int err)
{
	switch (err) {

	case EBADMSG: return 400;
	case ENOTSUP: return 580;       /* RFC 3312 s8 */
	case ENOMEM:  return 503;
	default:      return 488;
	}
}
