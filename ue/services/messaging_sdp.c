/**
 * @file messaging_sdp.c  Descriptions of MSRP sessions (RFC 4975 s8, RFC 6135
 * s4, RFC 6714 s4, RFC 7701 s8; TS 24.247 clause 8)
 */
#include <errno.h>
#include <string.h>
#include <strings.h>
#include "msrp/uri.h"
#include "ue/ue.h"
#include "ue/ims/text.h"
#include "ue/services/file_sdp.h"

#define ACCEPT_TYPES "message/cpim text/plain application/im-iscomposing+xml"

/** Port of an endpoint that only connects (RFC 6135 s4.2.1, RFC 4145 s4.1) */
enum { PORT_DISCARD = 9 };

#define TCP_TLS_MSRP "TCP/TLS/MSRP"


bool messaging_is(const struct sdesc_media *m)
{
	return sdesc_media_is(m, "message", "TCP/MSRP") ||
		(UE_MSRP_TLS && sdesc_media_is(m, "message", TCP_TLS_MSRP));
}


bool messaging_is_chat(const struct session *s, const struct sdesc_media *m)
{
	const struct ue_messaging *set = s->all->ue->set->messaging;

	return set && messaging_is(m) &&
		!(UE_FILE_TRANSFER && set->files && file_is(m));
}


static bool setup_is(const struct sdesc_media *m, const char *value)
{
	struct pl val;

	return !sdesc_attr(&val, m, "setup") && val.p &&
		!pl_strcasecmp(&val, value);
}


/** Does an attribute list that word, or a beginning of it with "*" behind it?
 *  Parameters of what it lists are passed over */
static bool lists(const struct sdesc_media *m, const char *attr,
		  const char *str)
{
	struct pl rest, word, head;

	if (sdesc_media_attr(&rest, m, attr) || !rest.p)
		return false;

	while (!sdesc_word_next(&word, &rest)) {
		if (msrp_type_is(&word, str))
			return true;
		if (word.p[--word.l] != '*' || word.l > strlen(str))
			continue;
		head.p = str;
		head.l = word.l;
		if (!pl_casecmp(&word, &head))
			return true;
	}

	return false;
}


bool messaging_accepts(const struct sdesc_media *m, const char *type)
{
	return lists(m, "accept-types", type);
}


/** Does it list a type that is neither text nor message? */
static bool accepts_other(const struct sdesc_media *m)
{
	struct pl rest, word;

	if (sdesc_media_attr(&rest, m, "accept-types") || !rest.p)
		return false;

	while (!sdesc_word_next(&word, &rest)) {
		if (!msrp_type_is(&word, "text/") &&
		    !msrp_type_is(&word, "message/"))
			return true;
	}

	return false;
}


static bool first_uri(struct msrp_uri *uri, const struct pl *path)
{
	struct pl rest = *path, first;

	return msrp_path_next(&first, &rest) && !msrp_uri_decode(uri, &first);
}


/** RFC 6714 s4.4: do the c= and m= lines name a host of the path?  Names
 *  cannot be compared: then no middlebox is assumed */
static bool matches(const struct sdesc_media *m, const struct pl *path)
{
	struct pl rest = *path, next;
	struct ue_addr addr;
	struct msrp_uri uri;

	if (!m->addr.family)
		return true;
	while (msrp_path_next(&next, &rest) && !msrp_uri_decode(&uri, &next)) {
		if (ue_addr_decode(&addr, &uri.host))
			return true;
		/* RFC 6135 s4.2.1: who only connects may say port 9 */
		addr.port = m->port == PORT_DISCARD ? m->port : uri.port;
		if (ue_addr_equal(&addr, &m->addr))
			return true;
	}

	return false;
}


/** Has the path relays? */
static bool relayed(const struct pl *path)
{
	return memchr(path->p, ' ', path->l) != NULL;
}


static bool has_relay(const struct messaging_media *md)
{
	return messaging_use_path(md)[0] != '\0';
}


static bool is_cema(const struct messaging *mg,
		    const struct messaging_media *md)
{
	return !mg->ue->set->messaging->no_cema && !md->no_cema;
}


/**
 * RFC 6714 s4.2: what the answer says of middleboxes
 *
 * @param cm  Result: connect to the c= and m= lines, else to the path
 *
 * @return true; false: a new offer without msrp-cema is due
 */
static bool take_answer(bool *cm, const struct messaging *mg,
			struct messaging_media *md,
			const struct sdesc_media *m, const struct pl *path)
{
	const bool theirs = !sdesc_media_attr(NULL, m, "msrp-cema");

	*cm = is_cema(mg, md) && (theirs || !relayed(path));
	if (!is_cema(mg, md) || theirs || matches(m, path))
		return true;

	return md->active && !has_relay(md) && !relayed(path);
}


/** RFC 6714 s4.3: may we answer with msrp-cema?  false also where its
 *  extension does not help */
static bool cema_answer(const struct messaging_media *md,
			const struct sdesc_media *m, const struct pl *path)
{
	if (has_relay(md))
		return !relayed(path) && !setup_is(m, "passive");

	return !relayed(path) || setup_is(m, "actpass") ||
		setup_is(m, "passive");
}


static int remote_addr(const struct messaging *mg,
		       struct messaging_media *md,
		       const struct sdesc_media *m, const struct pl *path,
		       bool cm)
{
	struct msrp_uri uri;

	if (!first_uri(&uri, path))
		return EPROTO;

	if (!cm && !ue_addr_decode(&md->remote, &uri.host)) {
		md->remote.port = uri.port;
		if (!uri.port)
			return EPROTO;
	}
	else {
		md->remote = m->addr;
	}

	/* where we connect: a name is not looked up, and msrps is TLS (RFC
	   4975 s5.4) */
	return md->active && !has_relay(md) &&
		(!md->remote.family || uri.secure != messaging_secure(mg))
		? EPROTO : 0;
}


#if UE_MSRP_TLS
/** RFC 8122 s5: `SHA-256 AB:CD:...` */
static bool fingerprint(uint8_t sha256[32], const struct pl *val)
{
	uint8_t v[32];

	if (val->l < 8 || strncasecmp(val->p, "sha-256 ", 8) ||
	    sdesc_hex_decode(v, sizeof(v), val->p + 8, val->l - 8))
		return false;

	memcpy(sha256, v, sizeof(v));

	return true;
}


/** Our own certificate's */
static void write_fingerprint(const struct messaging *mg,
			      struct sip_writer *w)
{
	const struct ue_port *port = mg->ue->port;
	uint8_t sha256[32];

	if (port->tls_fingerprint(port->arg, UE_FLOWS_ALL, sha256)) {
		w->err = EIO;
		return;
	}
	sip_writer_str(w, "a=fingerprint:SHA-256 ");
	sdesc_write_hex(w, sha256, sizeof(sha256));
	sip_writer_eol(w);
}
#endif


/** RFC 4975 s14.4: the protocol is ours, and the certificate that the other
 *  end will show is named; RFC 4976 s9.2: with a relay, that is the relay's */
static bool take_security(const struct messaging *mg,
			  struct messaging_media *md,
			  const struct sdesc_media *m)
{
#if UE_MSRP_TLS
	struct sdesc_attr a;
	struct pl lines;

	if (messaging_secure(mg)) {
		if (!sdesc_media_is(m, "message", TCP_TLS_MSRP))
			return false;
		lines = sdesc_media_attr(NULL, m, "fingerprint") ?
			m->sdp->session : m->lines;
		while (!has_relay(md) && !sdesc_attr_next(&a, &lines)) {
			if (!pl_strcmp(&a.name, "fingerprint") && a.val.p &&
			    fingerprint(md->peer_cert, &a.val))
				return true;
		}
		return has_relay(md);
	}
#else
	(void)mg;
	(void)md;
#endif

	return sdesc_media_is(m, "message", "TCP/MSRP");
}


/** The peer's description */
static int learn(struct messaging *mg, struct messaging_media *md,
		 const struct sdesc_media *m, const struct pl *path, bool cm)
{
	struct pl val;
	uint32_t max = 0;
	int err;

	md->cpim = messaging_accepts(m, "message/cpim");
	md->chatroom = !sdesc_media_attr(NULL, m, "chatroom");
	/* RFC 7701 s8: a chat room need not know these */
	md->nicknames = lists(m, "chatroom", "nickname");
	md->private_msgs = lists(m, "chatroom", "private-messages");
	md->held = !(m->dir & SDESC_RECVONLY);
	/* RFC 4975 s8.6: even text must be; all that is no text */
	md->wrap_text = !messaging_accepts(m, "text/plain");
	md->wrap_other = !accepts_other(m);

	err = remote_addr(mg, md, m, path, cm);
	if (err)
		return err;

	/* what is no number here is more than there will ever be */
	if (!sdesc_media_attr(&val, m, "max-size") && val.p)
		(void)sip_number(&max, val.p, val.p + val.l);
	err = msrp_session_peer(md->ms, path, max);
	if (err)
		return err;

	if (md->state < MESSAGING_AGREED) {
		md->state = MESSAGING_AGREED;
		if (msrp_session_conn(md->ms) != MSRP_NONE)
			messaging_bound(mg, md);
	}
	messaging_wake(mg);

	return 0;
}


/** The last URI of a path: of a=path the endpoint's own, of Use-Path that of
 *  the relay which the peer connects to */
static struct pl last_uri(struct pl path)
{
	size_t i;

	for (i = path.l; i && path.p[i - 1] != ' '; i--)
		;
	pl_advance(&path, (ssize_t)i);

	return path;
}


/** RFC 6714 s4.2, s4.3: m= and c= name the first host of the path.
 *  @return the relays, in the order of a=path */
static void write_place(struct messaging *mg, struct sip_writer *w,
			const struct messaging_media *md)
{
	const struct pl last = last_uri(ims_pl(messaging_use_path(md)));
	const char *proto = messaging_secure(mg) ? TCP_TLS_MSRP : "TCP/MSRP";
	struct msrp_uri uri;

	if (msrp_uri_decode(&uri, &last)) {
		sdesc_write_media(w, "message", mg->listener.port ?
				  mg->listener.port : PORT_DISCARD, proto,
				  "*");
		return;
	}

	sdesc_write_media(w, "message", uri.port, proto, "*");
	sip_writer_line(w, "c=IN %s %r", memchr(uri.host.p, ':', uri.host.l)
			? "IP6" : "IP4", &uri.host);
}


/** RFC 4976 s5.1: the URIs of Use-Path the other way round, then our own */
static void write_path(struct sip_writer *w, const struct messaging_media *md)
{
	struct pl left = ims_pl(messaging_use_path(md)), uri;

	sip_writer_fmt(w, "a=path:");
	while (left.l) {
		const size_t end = left.l;

		while (left.l && left.p[left.l - 1] != ' ')
			--left.l;
		uri.p = left.p + left.l;
		uri.l = end - left.l;
		sip_writer_fmt(w, "%r ", &uri);
		left.l -= left.l > 0;
	}
	sip_writer_line(w, "%s", md->ms->self);
}


static void write_lines(struct messaging *mg, struct sip_writer *w,
			const struct messaging_media *md, const char *setup,
			bool cema, bool chatroom)
{
	const struct ue_messaging *set = mg->ue->set->messaging;
	const char *types = set->accept_types ? set->accept_types
		: ACCEPT_TYPES;

	write_place(mg, w, md);
	sdesc_write_attr(w, "accept-types", messaging_user(md)
			 ? md->user->accept_types : types);
	sdesc_write_attr(w, "accept-wrapped-types", set->wrapped_types ?
			 set->wrapped_types : "*");
	write_path(w, md);
	sip_writer_line(w, "a=max-size:%u", md->ms->limit ? md->ms->limit
			: messaging_max_size(mg));
	sdesc_write_attr(w, "setup", setup);
	if (cema)
		sdesc_write_attr(w, "msrp-cema", NULL);
#if UE_MSRP_TLS
	if (messaging_secure(mg) && !has_relay(md))
		write_fingerprint(mg, w);
#endif
	/* RFC 7701 s8: what we can do */
	if (chatroom)
		sdesc_write_attr(w, "chatroom",
				 "nickname private-messages");
}


/** a=path of the peer.  Where it names another session than before, that one
 *  is over */
static int take_path(struct pl *path, struct messaging *mg,
		    struct messaging_media *md, const struct sdesc_media *m)
{
	const struct pl old = last_uri(ims_pl(md->ms->peer));
	const unsigned conn = messaging_conn(md);
	struct pl own;

	/* RFC 4975 s8.2, s8.6: they must be there.  What is refused changes
	   nothing */
	if (sdesc_media_attr(path, m, "path") || !path->p ||
	    sdesc_media_attr(NULL, m, "accept-types") ||
	    !take_security(mg, md, m))
		return EPROTO;

	/* s5.4: another session, because that of before has failed */
	own = last_uri(*path);
	if (conn != MSRP_NONE && !msrp_uri_match(&old, &own)) {
		messaging_lost(mg, md, ECONNRESET, 0);
		messaging_leave(mg, conn);
	}

	return 0;
}


static int answer(struct messaging *mg, struct messaging_media *md,
		  struct sip_writer *w, const struct sdesc_media *offer)
{
	const char *setup;
	struct pl path;
	bool cema;

	if (take_path(&path, mg, md, offer))
		return ENOENT;

	/* RFC 6714 s4.3: a middlebox that does not know it is in between */
	if (is_cema(mg, md) && sdesc_media_attr(NULL, offer, "msrp-cema") &&
	    !matches(offer, &path))
		return ENOENT;

	if (md->state < MESSAGING_CONNECTING) {
		/* RFC 6135 s4.2.2: active answers actpass and passive; RFC
		   6714 s4.3: not where we have a relay.  RFC 4975 s5.4:
		   without setup the offerer connects */
		md->active = setup_is(offer, "passive") ||
			(setup_is(offer, "actpass") &&
			 !has_relay(md));
		if (!md->active && !mg->listener.port && !has_relay(md))
			return ENOENT;
	}

	cema = is_cema(mg, md) && cema_answer(md, offer, &path);
	if (learn(mg, md, offer, &path, cema))
		return ENOENT;

	/* RFC 4145 s4.1: not what the offer says, even where the connection
	   that stands goes on */
	setup = md->active ? "active" : "passive";
	if (setup_is(offer, setup))
		setup = md->active ? "passive" : "active";
	write_lines(mg, w, md, setup, cema,
		    md->chatroom && !messaging_user(md));

	return 0;
}


int messaging_write_media(struct session *s, struct sip_writer *w,
			  unsigned index, const struct sdesc_media *offer)
{
	return messaging_write_for(s, w, index, offer, NULL, NULL, 0);
}


bool messaging_is_lost(const struct session *s)
{
	const struct messaging_media *md = messaging_of(
		&s->all->ue->messaging, s);

	return md && md->state == MESSAGING_LOST && !has_relay(md);
}


/** A stream that is refused: nothing was begun for it */
static void undo(struct messaging_media *md)
{
	if (!has_relay(md)) {
		msrp_session_close(md->ms);
		md->ms = NULL;
	}
	md->s = NULL;
	md->state = MESSAGING_FREE;
}


int messaging_write_for(struct session *s, struct sip_writer *w,
			unsigned index, const struct sdesc_media *offer,
			const struct messaging_user *user, void *arg,
			uint32_t limit)
{
	struct messaging *mg = &s->all->ue->messaging;
	struct messaging_media *md = messaging_of(mg, s);
	const bool known = md;
	bool active;
	int err;

	/* one stream of this kind; in a session without it there comes none */
	if (md ? md->index != index : !offer && (index || s->described))
		return ENOENT;

	if (!md) {
		md = messaging_new(mg, s);
		if (!md)
			return offer ? ENOENT : ENOMEM;
		md->index = (uint8_t)index;
		md->user  = user;
		md->arg   = arg;
		msrp_session_limit(md->ms, limit);
	}

	/* RFC 4975 s5.4, s8.4: another path, so that a peer that has not
	   noticed knows that its connection is over, too */
	if (messaging_is_lost(s)) {
		if (messaging_media_open(mg, md))
			return offer ? ENOENT : ENOMEM;
		md->state = MESSAGING_OFFERED;
	}

	if (offer) {
		err = answer(mg, md, w, offer);
		if (err && !known)
			undo(md);
		return err;
	}

	/* RFC 6135 s4.2.1: passive is never offered.  A connection that stands
	   goes on.  RFC 6714 s4.2: a relay can be reached */
	md->offered_active = !has_relay(md) && (!mg->listener.port ||
		mg->ue->set->messaging->behind_nat);
	active = md->state >= MESSAGING_CONNECTING ? md->active
		: md->offered_active;
	write_lines(mg, w, md, active ? "active" : "actpass",
		    is_cema(mg, md), !user);

	return 0;
}


int messaging_answer_media(struct session *s, unsigned index,
			   const struct sdesc_media *m)
{
	struct messaging *mg = &s->all->ue->messaging;
	struct messaging_media *md = messaging_of(mg, s);
	struct pl path;
	bool cm;

	if (!md || md->index != index)
		return 0;
	if (!m->port || !messaging_is(m) || take_path(&path, mg, md, m))
		return EPROTO;

	/* RFC 4975 s5.4: without setup the offerer connects */
	if (md->state < MESSAGING_CONNECTING) {
		md->active = !setup_is(m, "active");
		if (md->offered_active && !md->active)
			return EPROTO;
	}

	if (!take_answer(&cm, mg, md, m, &path)) {
		md->no_cema = md->renew = true;
		messaging_wake(mg);
		return 0;
	}

	return learn(mg, md, m, &path, cm);
}
