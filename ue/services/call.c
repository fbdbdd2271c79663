/**
 * @file call.c  The application's plain sessions with audio: a user of
 * session.h (RFC 3264 s5.1, s6.1; RFC 4566 s6)
 */
#include <errno.h>
#include <string.h>
#include "ue/ue.h"
#include "ue/ims/text.h"
#include "ue/services/call.h"

/** G.711 with the headers of RTP, UDP and IPv4 (RFC 3556, kbit/s) */
#define AS_KBITS 80

#define MODE_SET "mode-set="

static const struct session_user call_user;


struct ue_media *call_media(const struct session *s)
{
	return &s->all->ue->mediav[s - s->all->sv];
}


/* Is it the stream that was agreed to be audio? */
static bool is_audio(const struct ue_media *med, unsigned index)
{
	return med->audio && index == med->stream;
}


void call_removed(struct session *s, unsigned index)
{
	struct messaging *mg = &s->all->ue->messaging;
	const struct messaging_media *md = messaging_of(mg, s);
	struct ue_media *med = call_media(s);

	if (is_audio(med, index)) {
		med->remote.family = 0;
		med->codecc = 0;
		med->audio = false;
		med->send = false;
		med->receive = false;
	}
	else if (md && md->index == index) {
		/* messaging_poll() ends them */
		med->messages = false;
		messaging_wake(mg);
	}
}


void call_media_init(struct session *s)
{
	const struct ue_audio *audio = s->all->ue->set->audio;
	struct ue_media *med = call_media(s);

	memset(med, 0, sizeof(*med));
	if (audio)
		med->port = (uint16_t)(audio->port +
				       (s - s->all->sv) * audio->step);
}


void call_want(struct session *s, bool audio, const char *privacy)
{
	if (!s->described && s->offer == SESSION_OFFER_NONE)
		call_media(s)->audio = audio;
	if (privacy)
		s->privacy = privacy;
}


int call_check(const struct ue *ue, bool audio, const char *privacy)
{
	if (!ims_is_line(privacy))
		return EINVAL;

	return audio && !ue->set->audio ? ENOTSUP : 0;
}


/* ------------------------------------------------------------------ */
/* Codecs */


/* @return what follows the text at the begin of a parameter; NULL: none has
   it */
static const char *find(const struct pl *fmtp, const char *text)
{
	const size_t len = strlen(text);
	struct pl part = {fmtp->p, len};
	size_t i;

	for (i = len; i <= fmtp->l; i++, part.p++) {
		if (!pl_strcasecmp(&part, text) &&
		    (i == len || strchr("; \t", part.p[-1])))
			return part.p + len;
	}

	return NULL;
}


/* RFC 4867 s8.1: in this packing of AMR each octet begins a field */
static bool is_aligned(struct pl fmtp)
{
	return find(&fmtp, "octet-align=1");
}


/* RFC 4867 s8.1; what is no list of modes restricts nothing */
static uint16_t modes_of(const struct pl *fmtp)
{
	const char *p = find(fmtp, MODE_SET);
	uint32_t mode;
	uint16_t set = 0;

	while (p) {
		p = sip_number(&mode, p, fmtp->p + fmtp->l);
		if (!p || mode > 15)
			return 0;
		set |= (uint16_t)(1u << mode);
		if (p == fmtp->p + fmtp->l || *p++ != ',')
			break;
	}

	return set;
}


/* RFC 4867 s8.3.1: the other packing is another format */
static bool is_codec(const struct sdesc_codec *c, const struct ue_codec *own)
{
	return c->name.p && !pl_strcasecmp(&c->name, own->name) &&
		c->rate_hz == own->rate_hz && c->channels == 1 &&
		is_aligned(c->fmtp) == is_aligned(ims_pl(own->fmtp));
}


/* Those of the peer's codecs that we have, in the peer's order.
   @return can one speak with them? */
static bool agree(struct ue_media *med, const struct ue_audio *audio,
		  const struct sdesc_media *m)
{
	struct pl rest = m->fmts;
	struct sdesc_codec c;
	bool speech = false;
	uint8_t i;
	int err;

	med->codecc = 0;

	while ((err = sdesc_codec_next(&c, m, &rest)) != ENOENT) {

		if (err || med->codecc == UE_CODECS_MAX)
			continue;

		for (i = 0; i < audio->codecc; i++) {
			/* each once, in the form that comes first */
			if (!is_codec(&c, &audio->codecv[i]) ||
			    memchr(med->codecv, i, med->codecc))
				continue;
			med->codecv[med->codecc] = i;
			med->modesv[med->codecc] = modes_of(&c.fmtp);
			med->ptv[med->codecc++] = c.pt;
			/* RFC 4733: digits go beside something */
			if (pl_strcasecmp(&c.name, "telephone-event"))
				speech = true;
			break;
		}
	}

	return speech;
}


/* RFC 4867 s8.3.1: modes that were offered are answered */
static void write_codec(struct sip_writer *w, const struct ue_codec *c,
			uint8_t pt, unsigned modes)
{
	const struct pl own = ims_pl(c->fmtp);
	const char *sep = own.l ? "; " MODE_SET : MODE_SET;
	uint32_t i;

	sip_writer_line(w, "a=rtpmap:%u %s/%u", (uint32_t)pt, c->name,
			c->rate_hz);

	if (find(&own, MODE_SET))
		modes = 0;
	if (!own.l && !modes)
		return;
	sip_writer_fmt(w, "a=fmtp:%u %s", (uint32_t)pt, own.l ? c->fmtp : "");
	for (i = 0; modes; i++, modes >>= 1) {
		if (modes & 1) {
			sip_writer_fmt(w, "%s%u", sep, i);
			sep = ",";
		}
	}
	sip_writer_eol(w);
}


/* RFC 3264 s8.3.2: the payload types of the peer's offer keep their codecs.
   @return that of a codec of ours; UINT8_MAX: its own means another one */
static uint8_t payload_type(const struct ue_audio *audio,
			    const struct ue_media *med, bool uac, unsigned own)
{
	uint8_t pt = audio->codecv[own].pt;
	unsigned i;

	for (i = 0; !uac && i < med->codecc; i++) {
		if (med->codecv[i] == own)
			return med->ptv[i];
		if (med->ptv[i] == pt)
			pt = UINT8_MAX;
	}

	return pt;
}


static void write_audio(struct sip_writer *w, const struct ue_audio *audio,
			const struct ue_media *med, bool answer, bool uac)
{
	const unsigned n = answer ? med->codecc : audio->codecc;
	uint8_t pt;
	unsigned i;

	sip_writer_fmt(w, "m=audio %u RTP/AVP", (uint32_t)med->port);
	for (i = 0; i < n; i++) {
		pt = answer ? med->ptv[i] : payload_type(audio, med, uac, i);
		if (pt != UINT8_MAX)
			sip_writer_fmt(w, " %u", (uint32_t)pt);
	}
	sip_writer_eol(w);

	/* TS 24.229 6.1.1 */
	sip_writer_line(w, "b=AS:%u", (uint32_t)(audio->kbits
						 ? audio->kbits : AS_KBITS));

	for (i = 0; i < n; i++) {
		pt = answer ? med->ptv[i] : payload_type(audio, med, uac, i);
		if (pt != UINT8_MAX)
			write_codec(w, &audio->codecv[answer ? med->codecv[i]
				    : i], pt, answer ? med->modesv[i] : 0);
	}
}


/* ------------------------------------------------------------------ */
/* Handlers of the session */


/* One audio stream is ours: the first that was offered with a codec of ours.
   @return is it one? */
static bool learn(struct session *s, const struct sdesc_media *m)
{
	const struct ue_audio *audio = s->all->ue->set->audio;
	struct ue_media med = *call_media(s);
	const enum sdesc_dir own = sdesc_dir_reverse((enum sdesc_dir)m->dir);
	struct pl val;
	uint32_t ms;

	if (!audio || !m->port || !sdesc_media_is(m, "audio", "RTP/AVP"))
		return false;

	if (!agree(&med, audio, m))
		return false;
	med.ptime_ms = 0;
	if (!sdesc_media_attr(&val, m, "ptime") && val.p &&
	    sip_number(&ms, val.p, val.p + val.l) && ms <= UINT8_MAX)
		med.ptime_ms = (uint8_t)ms;
	med.audio = true;
	med.remote = m->addr;
	med.send = own & SDESC_SENDONLY;
	med.receive = !s->hold && (own & SDESC_RECVONLY);
	*call_media(s) = med;

	return true;
}


static int write_messages(struct session *s, struct sip_writer *w,
			  unsigned index, const struct sdesc_media *offer)
{
	struct ue_media *med = call_media(s);
	int err = ENOENT;

	if (offer || !med->audio || s->described)
		err = messaging_write_media(s, w, index, offer);

	/* what is said of another stream is nothing about this one */
	if (!err || !messaging_of(&s->all->ue->messaging, s))
		med->messages = !err;

	return err;
}


int call_write_media(struct session *s, struct sip_writer *w,
			 unsigned index, const struct sdesc_media *offer,
			 void *arg)
{
	const struct ue_audio *audio = s->all->ue->set->audio;
	struct ue_media *med = call_media(s);

	(void)arg;

	/* with messaging our first offer is for messages (TS 24.247 8) unless
	   the user wants audio */
	if (offer ? messaging_is_chat(s, offer)
	    : s->all->ue->set->messaging && !is_audio(med, index))
		return write_messages(s, w, index, offer);

	/* RFC 3264 s8.2: what was removed comes again by an offer of the peer,
	   or where it asks for one */
	if (!audio || (!offer && (index != med->stream ||
				  (s->described && !med->audio &&
				   !session_is_asked(s)))))
		return ENOENT;

	if (offer) {
		/* one stream only */
		if ((med->remote.family && med->stream != index) ||
		    !learn(s, offer))
			return ENOENT;
		med->stream = (uint8_t)index;
	}

	/* who asks for an offer gets all that there is */
	write_audio(w, audio, med, offer || (med->codecc && !s->uac &&
					     !session_is_asked(s)), s->uac);

	return 0;
}


int call_answer_media(struct session *s, unsigned index,
		    const struct sdesc_media *m, void *arg)
{
	(void)arg;

	if (s->all->ue->set->messaging && !is_audio(call_media(s), index))
		return messaging_answer_media(s, index, m);
	if (index != call_media(s)->stream)
		return 0;

	return learn(s, m) ? 0 : EPROTO;
}


void call_note(struct session *s, const struct sip_msg *msg)
{
	struct sip_addr *from = &s->all->ue->reg.scratch.addr;

	/* TS 24.229 5.1.4.1: who the network says that it is */
	if (!sip_msg_addr(from, msg, SIP_HDR_P_ASSERTED_IDENTITY) &&
	    from->uri.text.l && from->uri.text.l < UE_URI_MAX)
		(void)sip_store_put(&s->note, &s->all->ue->sip.store,
				    from->uri.text.p, from->uri.text.l);
}


/* RFC 3261 s13.3.1.3: what cannot be is not offered to the user */
bool call_offered(struct session *s, const struct sdesc *sdp)
{
	struct ue_media *med = call_media(s);
	struct sdesc_media m;
	unsigned i;

	for (i = 0; sdp && !sdesc_media(&m, sdp, i); i++) {
		if (m.port && messaging_is_chat(s, &m))
			med->messages = true;
		else if (!med->audio && learn(s, &m))
			med->stream = (uint8_t)i;
	}

	return !sdp || med->messages || med->audio;
}


static bool claim_h(struct session *s, const struct sip_msg *msg,
		    const struct sdesc *sdp, void *arg)
{
	(void)arg;

	if ((!s->all->ue->set->audio && !s->all->ue->set->messaging) ||
	    !call_offered(s, sdp))
		return false;

	call_note(s, msg);

	return true;
}


static struct ue_event *event_new(struct session *s, enum ue_event_type type)
{
	struct ue_event *ev = ue_event_new(s->all->ue, type);

	ev->session = session_id(s);
	ev->held = session_is_held(s);
	if (type != UE_EVENT_SESSION_ENDED && type != UE_EVENT_SESSION_FAILED)
		ev->media = call_media(s);

	return ev;
}


static enum ue_event_type type_of(const struct session *s,
				  enum session_event event)
{
	switch (event) {

	case SESSION_PROGRESS:      return UE_EVENT_SESSION_PROGRESS;
	case SESSION_ALERT:         return UE_EVENT_SESSION_INCOMING;
	case SESSION_ESTABLISHED:   return UE_EVENT_SESSION_ESTABLISHED;
	case SESSION_MODIFIED:      return UE_EVENT_SESSION_MODIFIED;
	case SESSION_MODIFY_FAILED: return UE_EVENT_SESSION_MODIFY_FAILED;
	case SESSION_CHANGED:       return UE_EVENT_SESSION_CHANGED;
	default:
		return s->uac && !s->established ? UE_EVENT_SESSION_FAILED
			: UE_EVENT_SESSION_ENDED;
	}
}


/* The From where the network says nothing better */
int call_caller(char str[UE_URI_MAX], const struct session *s)
{
	const size_t n = sip_store_get(str, UE_URI_MAX - 1,
				       &s->all->ue->sip.store, &s->note);
	const struct pl from = ims_pl(sip_dialog_text(&s->dlg,
						      SIP_DIALOG_REMOTE_URI));

	str[n] = '\0';

	return n ? 0 : ims_copy(str, UE_URI_MAX, &from);
}


static void event_h(struct session *s, enum session_event event,
		    const struct session_cause *cause, void *arg)
{
	struct ue_event *ev;
	struct pl text;

	(void)arg;

	/* the application knows nothing of it yet */
	if (event == SESSION_ENDED && !s->uac && !s->alerted)
		return;

	/* a 1xx of each branch, as many as there are: no outcome of a command
	   may be lost for it */
	if (event == SESSION_PROGRESS && !ue_events_spare(s->all->ue, 1))
		return;

	ev = event_new(s, type_of(s, event));
	ev->err = cause->err;
	ev->status = cause->status;
	ev->by_peer = cause->by_peer;
	ev->wait_ms = session_wait_ms(cause);
	text = ims_pl(cause->text);
	(void)ims_copy(ev->text, sizeof(ev->text), &text);
	session_contacts(ev->text, sizeof(ev->text), s, cause);
	if (event == SESSION_ALERT)
		(void)call_caller(ev->text, s);
}


static const struct session_user call_user = {
	.claim_h = claim_h, .write_media_h = call_write_media,
	.answer_h = call_answer_media, .event_h = event_h
};


int call_init(struct ue *ue)
{
	return session_add_user(&ue->sessions, &call_user, ue);
}


/* ------------------------------------------------------------------ */
/* Commands */


static int find_call(struct session **sp, struct ue *ue, unsigned id)
{
	struct session *s;

	if (!ue_is_open(ue))
		return EINVAL;

	/* those of other services are none of the application's */
	s = session_by_id(&ue->sessions, id);
	if (!s || s->user != &call_user || (!s->uac && !s->alerted))
		return ENOENT;

	*sp = s;

	return 0;
}


int ue_session_start(struct ue *ue, unsigned *session, const char *uri,
		     const struct ue_session_params *prm)
{
	static const struct ue_session_params zero;
	struct session *s;
	int err;

	if (!ue_is_open(ue) || !session || !uri)
		return EINVAL;
	if (!ue->set->audio && !ue->set->messaging)
		return ENOTSUP;

	if (!prm)
		prm = &zero;
	err = call_check(ue, prm->audio, prm->privacy);
	if (!err)
		err = session_start(&s, &ue->sessions, uri, &call_user, 0,
				    ue);
	if (err)
		return err;

	call_want(s, prm->audio, prm->privacy);
	*session = session_id(s);

	return 0;
}


const struct ue_media *ue_session_media(struct ue *ue, unsigned session)
{
	const struct session *s = ue_is_open(ue)
		? session_by_id(&ue->sessions, session) : NULL;

	return s ? call_media(s) : NULL;
}


int ue_session_accept(struct ue *ue, unsigned session)
{
	struct session *s = NULL;
	const int err = find_call(&s, ue, session);

	return err ? err : session_accept(s);
}


int ue_session_reject(struct ue *ue, unsigned session, uint16_t status)
{
	struct session *s = NULL;
	const int err = find_call(&s, ue, session);

	if (status && status < 300)
		return EINVAL;

	return err ? err : session_reject(s, status ? status : 486);
}


int ue_session_hold(struct ue *ue, unsigned session)
{
	struct session *s = NULL;
	const int err = find_call(&s, ue, session);

	return err ? err : session_hold(s, true);
}


int ue_session_resume(struct ue *ue, unsigned session)
{
	struct session *s = NULL;
	const int err = find_call(&s, ue, session);

	return err ? err : session_hold(s, false);
}


int ue_session_end(struct ue *ue, unsigned session)
{
	struct session *s = NULL;
	const int err = find_call(&s, ue, session);

	return err ? err : session_end(s);
}
