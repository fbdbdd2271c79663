/**
 * @file file.c  File transfers: offer and answer, life, outcome (RFC 5547 s8);
 * a user of session.h
 *
 * A file that we send:
 *
 *   state      event            action                         next
 *   ---------------------------------------------------------------------
 *   FREE       send             INVITE (RFC 5547 s8.2.1)       CALLING
 *              send unhashed    -                              HASHING
 *              offer            180, tell OFFERED (s8.2.2)     OFFERED
 *              accept           ENOENT                         -
 *              accept unhashed  ENOENT                         -
 *              end              ENOENT                         -
 *   OFFERED    accept           200 (s8.3.2)                   CALLING*
 *              accept unhashed  -                              HASHING*
 *              end              603, tell FAILED               FREE
 *   HASHING    hashed           INVITE                         CALLING
 *              unreadable       tell FAILED                    FREE
 *              end              tell FAILED                    FREE
 *   HASHING*   hashed           200 (s8.3.2: with the hash)    CALLING*
 *              unreadable       488, tell FAILED               FREE
 *              end              603, tell FAILED               FREE
 *   OFFERED,   CANCEL           200, 487, tell FAILED          FREE
 *   HASHING*   BYE              200, 487, tell FAILED          FREE
 *   CALLING    200              ACK                            RUNNING
 *              603              ACK, tell FAILED               FREE
 *              end              tell FAILED (CANCEL follows)   ENDING
 *              BYE              481                            -
 *   CALLING*   ACK              -                              RUNNING
 *              end              tell FAILED (BYE follows)      ENDING
 *              CANCEL           200 (RFC 3261 s9.2)            -
 *              BYE              200, tell FAILED               FREE
 *   RUNNING    connected        SEND, tell STARTED (s8.7)      SENDING
 *              end              BYE, tell FAILED               ENDING
 *              cut              BYE, tell FAILED               ENDING
 *              time             BYE, tell FAILED (s8.4)        ENDING
 *   SENDING    confirmed        BYE, tell DONE (s8.7)          ENDING
 *              413              #, BYE, tell FAILED (s8.4)     ENDING
 *              unreadable       #, BYE, tell FAILED            ENDING
 *              time             BYE, tell FAILED               ENDING
 *              end              - (# follows)                  STOPPING
 *   STOPPING   writable         #, BYE, tell FAILED (s8.4)     ENDING
 *              time             BYE, tell FAILED               ENDING
 *   SENDING,   cut              BYE, tell FAILED               ENDING
 *   STOPPING
 *   RUNNING,   BYE              200, tell FAILED               FREE
 *   SENDING,   port 0           200, BYE, tell FAILED (s8.4)   ENDING
 *   STOPPING
 *   ENDING     200              -                              FREE
 *              BYE              200                            -
 *              end              EPROTO                         -
 *   HASHING(*), accept          EPROTO                         -
 *   CALLING(*), accept unhashed EPROTO                         -
 *   RUNNING,
 *   SENDING,
 *   STOPPING,
 *   ENDING
 *   OFFERED,   lost             tell FAILED                    FREE
 *   HASHING*,
 *   CALLING(*),
 *   RUNNING,
 *   SENDING,
 *   STOPPING
 *   ENDING     lost             -                              FREE
 *
 * A file that we receive:
 *
 *   state      event            action                         next
 *   ---------------------------------------------------------------------
 *   FREE       fetch            INVITE (s8.2.2)                CALLING
 *              offer            180, tell OFFERED (s8.2.1)     OFFERED
 *              accept           ENOENT                         -
 *              end              ENOENT                         -
 *   OFFERED    accept           200 (s8.3.1)                   CALLING*
 *              end              603, tell FAILED               FREE
 *              CANCEL           200, 487, tell FAILED          FREE
 *              BYE              200, 487, tell FAILED          FREE
 *   CALLING    200              ACK                            RUNNING
 *              603              ACK, tell FAILED               FREE
 *              end              tell FAILED (CANCEL follows)   ENDING
 *              BYE              481                            -
 *   CALLING*   ACK              -                              RUNNING
 *              end              tell FAILED (BYE follows)      ENDING
 *              CANCEL           200 (RFC 3261 s9.2)            -
 *              BYE              200, tell FAILED               FREE
 *              #                MSRP 200, tell FAILED          ENDING
 *   CALLING*,  octets           MSRP 200, tell STARTED         TAKING
 *   RUNNING    all              MSRP 200                       CHECKING
 *   RUNNING    #                MSRP 200, BYE, tell FAILED     ENDING
 *              end              BYE, tell FAILED               ENDING
 *              cut              BYE, tell FAILED               ENDING
 *              time             BYE, tell FAILED (s8.4)        ENDING
 *   TAKING     octets           MSRP 200                       -
 *              all              MSRP 200                       CHECKING
 *              #                MSRP 200, BYE, tell FAILED     ENDING
 *              end              - (413 follows)                STOPPING
 *   STOPPING   octets           MSRP 413, BYE, tell FAILED     ENDING
 *              all              MSRP 413, BYE, tell FAILED     ENDING
 *              #                MSRP 413, BYE, tell FAILED     ENDING
 *              time             BYE, tell FAILED               ENDING
 *   TAKING,    cut              BYE, tell FAILED               ENDING
 *   STOPPING
 *   RUNNING,   BYE              200, tell FAILED               FREE
 *   TAKING,    port 0           200, BYE, tell FAILED (s8.4)   ENDING
 *   STOPPING
 *   CHECKING   checked          tell DONE (s8.3.1)             OVER
 *              mismatch         BYE, tell FAILED (s8.3.1)      ENDING
 *              end              BYE, tell FAILED               ENDING
 *              BYE              200, tell DONE                 FREE
 *              port 0           200, BYE, tell DONE            ENDING
 *              cut              tell DONE                      OVER
 *              lost             tell DONE                      FREE
 *   CHECKING,  octets           MSRP 403 (s8.7)                -
 *   OVER       all              MSRP 403                       -
 *              #                MSRP 403                       -
 *   OVER       BYE              200                            FREE
 *              port 0           200, BYE                       ENDING
 *              time             BYE (s8.4)                     ENDING
 *              lost             -                              FREE
 *   ENDING     200              -                              FREE
 *              BYE              200                            -
 *              lost             -                              FREE
 *   OVER,      end              EPROTO                         -
 *   ENDING
 *   CALLING(*), accept          EPROTO                         -
 *   RUNNING,
 *   TAKING,
 *   STOPPING,
 *   CHECKING,
 *   OVER,
 *   ENDING
 *   OFFERED,   lost             tell FAILED                    FREE
 *   CALLING(*),
 *   RUNNING,
 *   TAKING,
 *   STOPPING
 *
 * HASHING*, CALLING*: the peer has made the offer.  SENDING, TAKING: the
 * message has begun; STOPPING: it was given up.  What comes while CHECKING or
 * OVER is a second message (a copy of the first: MSRP 200).  ENDING: as OVER,
 * and we end the session.  port 0: an offer without the file.  cut: the
 * connection of MSRP; lost: the registration.  Any other pair of state and
 * event: nothing.
 *
 * The entry is free when its outcome was told and its session is gone.
 */
#include <errno.h>
#include <string.h>
#include "ue/ue.h"
#include "ue/ims/text.h"
#include "ue/services/call.h"

#if UE_FILE_TRANSFER

enum {
	/** The sender is to end the session (s8.7); after that we do */
	LINGER_MS = 5000,
	/** For the first octets, in an established session */
	BEGIN_MS = 120000
};


struct file *file_new(struct files *fs)
{
	unsigned i;

	for (i = 0; i < UE_FILES_MAX; i++) {

		struct file *f = &fs->v[i];

		if (f->id)
			continue;

		memset(f, 0, sizeof(*f));
		f->all = fs;
		f->size = f->to = UE_FILE_ANY;
		/* few are there at a time: no number is there twice */
		fs->serial = (uint16_t)(fs->serial + UE_FILES_MAX);
		if (fs->serial < UE_FILES_MAX)
			fs->serial = UE_FILES_MAX;
		f->id = (uint16_t)(fs->serial - fs->serial % UE_FILES_MAX +
				   i);

		return f;
	}

	return NULL;
}


static void timer_h(void *arg)
{
	struct file *f = arg;

	/* s8.4: who waits in vain ends it */
	if (f->state == FILE_RUNNING && !f->begun)
		file_over(f, ETIMEDOUT, 0);
	else if (f->s)
		(void)session_end(f->s);
}


void file_close_in(struct file *f, uint32_t ms)
{
	ue_timer_start(&f->all->ue->timers, &f->timer, ms, timer_h, f);
}


void file_because(struct file *f, int err, uint16_t status)
{
	if (f->err || f->status)
		return;

	f->err = err;
	f->status = status;
}


static void end_session(struct file *f)
{
	/* without an answer yet it is refused */
	if (session_reject(f->s, f->status >= 300 ? f->status : 488))
		(void)session_end(f->s);
}


void file_over(struct file *f, int err, uint16_t status)
{
	if (f->state == FILE_OVER)
		return;

	if (err || status >= 300)
		file_because(f, err, status);
	f->state = FILE_OVER;
	if (f->head)
		f->head->state = 0;
	f->head = NULL;

	/* s8.7: the sender closes; s8.4: so does who aborts */
	if (f->s && (f->sending || f->err || f->status))
		end_session(f);
	else if (f->s)
		file_close_in(f, LINGER_MS);
	file_wake(f);
}


/** The peer offers a new description of the session, without the file: s8.4,
 *  it has aborted.  Where all is here it ends what is done */
static void closed(struct file *f)
{
	if (f->state < FILE_CHECKING) {
		file_because(f, ECONNRESET, 0);
		if (f->out)
			msrp_abort(f->out, messaging_now(f->all->messaging));
		/* what is under way tells how far it came */
		if (!f->busy)
			file_over(f, ECONNRESET, 0);
	}
	if (f->s)
		(void)session_end(f->s);
}


static void ended(struct file *f, const struct session_cause *cause)
{
	f->s = NULL;
	ue_timer_cancel(&f->all->ue->timers, &f->timer);

	/* what is under way tells how far it came */
	if (f->busy || f->state == FILE_CHECKING)
		return;
	if (f->state != FILE_OVER)
		/* RFC 3326: who ends it may say 200 */
		file_over(f, cause->err || cause->status >= 300 ? cause->err
			  : ECONNRESET, cause->status);
	file_wake(f);
}


static void event_h(struct session *s, enum session_event event,
		    const struct session_cause *cause, void *arg)
{
	struct file *f = arg;
	struct ue_event *ev;

	if (!f)
		return;

	switch (event) {

	case SESSION_ALERT:
		f->alerted = true;
		ev = ue_event_new(f->all->ue, UE_EVENT_FILE_OFFERED);
		ev->session = f->id;
		(void)call_caller(ev->text, s);
		break;

	case SESSION_ESTABLISHED:
		f->described = false;
		if (f->state == FILE_CALLING) {
			f->state = FILE_RUNNING;
			if (!f->begun)
				file_close_in(f, BEGIN_MS);
		}
		file_wake(f);
		break;

	case SESSION_CHANGED:
		if (!f->described)
			closed(f);
		f->described = false;
		break;

	case SESSION_ENDED:
		ended(f, cause);
		break;

	default:
		break;
	}
}


static const struct session_user file_user = {
	.claim_h = file_claim, .write_media_h = file_write_media,
	.answer_h = file_answer_media, .event_h = event_h
};


int files_init(struct files *fs, struct ue *ue)
{
	fs->ue = ue;
	fs->messaging = &ue->messaging;

	return session_add_user(&ue->sessions, &file_user, NULL);
}


void files_close(struct files *fs)
{
	unsigned i;

	for (i = 0; i < UE_FILES_MAX; i++)
		ue_timer_cancel(&fs->ue->timers, &fs->v[i].timer);
}


/** The hash is known, or not wanted: call or accept */
int file_begin(struct file *f)
{
	f->state = FILE_CALLING;
	f->pos = f->from;
	if (f->s)
		return session_accept(f->s);

	return session_start(&f->s, &f->all->ue->sessions, f->uri, &file_user,
			     SESSION_NO_PRECONDITIONS | (f->sending ?
			     SESSION_SENDONLY : SESSION_RECVONLY), f);
}


static void run_hashing(struct file *f)
{
	uint8_t hash[UE_FILE_HASH];
	int err;

	err = file_hash_step(f, f->size);
	if (err == EAGAIN) {
		file_wake(f);
		return;
	}
	if (!err)
		err = file_hash_end(f, hash);
	/* s8.3.2: what is asked for by its hash is another file */
	if (!err && f->hashing && memcmp(f->hash, hash, sizeof(hash)))
		err = EBADMSG;
	if (!err) {
		memcpy(f->hash, hash, sizeof(hash));
		f->hashing = true;
		err = file_begin(f);
	}
	if (err)
		file_over(f, err, 0);
}


static void run_transfer(struct file *f)
{
	struct messaging_media *md;
	int err = 0;

	md = f->s ? messaging_of(f->all->messaging, f->s) : NULL;
	if (!md || f->busy)
		return;

	if (md->state == MESSAGING_LOST)
		file_over(f, md->err ? md->err : ECONNRESET, md->status);
	else if (md->state == MESSAGING_BOUND && f->sending && !f->begun)
		err = file_start(f, md);
	/* no room now: another message ends some time */
	if (err && err != ENOMEM)
		file_over(f, err, 0);
}


/** What lies before the transfer, and what did not pass in order */
static int hash_behind(struct file *f, uint32_t end)
{
	int err = 0;

	if (f->hashing && f->hashed < end && f->file->read_h)
		err = file_hash_step(f, end);
	if (err == EAGAIN)
		file_wake(f);

	return err;
}


/** s8.3.1: verify the hash; only a transfer up to the end can be */
static void run_checking(struct file *f)
{
	uint8_t hash[UE_FILE_HASH];
	int err = 0;

	if (f->hashing && f->to == f->size) {
		err = hash_behind(f, f->size);
		if (err == EAGAIN)
			return;
		if (!err && f->hashed == f->size) {
			err = file_hash_end(f, hash);
			if (!err && memcmp(hash, f->hash, sizeof(hash)))
				err = EBADMSG;
			f->checked = !err;
		}
	}
	file_over(f, err, 0);
}


static void run(struct file *f)
{
	switch (f->state) {

	case FILE_HASHING:
		run_hashing(f);
		break;

	case FILE_CALLING:
	case FILE_RUNNING:
		if (!f->sending)
			(void)hash_behind(f, f->from);
		if (f->state == FILE_RUNNING)
			run_transfer(f);
		break;

	case FILE_CHECKING:
		run_checking(f);
		break;

	default:
		break;
	}
}


/* ------------------------------------------------------------------ */
/* Events */


static struct ue_event *event_new(struct file *f, enum ue_event_type type)
{
	struct ue_event *ev = ue_event_new(f->all->ue, type);

	ev->session = f->id;
	ev->message.arg = f->file ? f->file->arg : NULL;
	ev->message.len = f->pos;
	ev->message.total = f->size;

	return ev;
}


/** Something that waits to be told; false: nothing */
static bool tell(struct file *f)
{
	struct ue_event *ev;
	const bool failed = f->err || f->status;

	if (f->begun && !f->started && (!failed || f->state != FILE_OVER)) {
		f->started = true;
		(void)event_new(f, UE_EVENT_FILE_STARTED);
		return true;
	}
	if (f->state != FILE_OVER)
		return false;

	if (f->alerted) {
		f->alerted = false;
		ev = event_new(f, failed ? UE_EVENT_FILE_FAILED
			       : UE_EVENT_FILE_DONE);
		ev->err = f->err;
		ev->status = f->status;
		f->file = NULL;
		return true;
	}
	if (!f->s) {
		ue_timer_cancel(&f->all->ue->timers, &f->timer);
		f->id = 0;
	}

	return false;
}


void files_poll(struct files *fs)
{
	unsigned i;

	for (i = 0; i < UE_FILES_MAX; i++) {

		struct file *f = &fs->v[i];

		if (!f->id)
			continue;
		run(f);
		while (ue_events_free(fs->ue) > UE_EVENTS_RESERVE && tell(f))
			file_wake(f);
	}
}

#endif
