/**
 * @file sdp.h  Session descriptions (RFC 4566) for offer and answer (RFC
 * 3264): bounded reader and writer
 *
 * The reader works in place: it allocates nothing, copies nothing and keeps
 * nothing.  Each struct pl in a result points into the text and lives as long
 * as it.  Media descriptions are found again by their number, so that a
 * description needs no table.
 *
 *	struct sdesc sdp;
 *	struct sdesc_media m;
 *
 *	err = sdesc_decode(&sdp, &msg->body);
 *	for (i = 0; !err && !sdesc_media(&m, &sdp, i); i++)
 *		if (sdesc_media_is(&m, "message", "TCP/MSRP"))
 *			err = sdesc_media_attr(&path, &m, "path");
 *
 * The prefix is sdesc_ because sdp_ is libre's.
 *
 * The writer writes lines into a struct sip_writer after
 * sip_writer_body_begin(); its errors are sticky there.
 */
#ifndef SDP_H
#define SDP_H

#include "ue/sip/writer.h"
#include "ue/ue_addr.h"

/** Direction of a stream as its describer sees it (RFC 4566 s6); bits */
enum sdesc_dir {
	SDESC_INACTIVE = 0,
	SDESC_SENDONLY = 1,
	SDESC_RECVONLY = 2,
	SDESC_SENDRECV = 3
};

/* ------------------------------------------------------------------ */
/* Reader */

/** A session description that sdesc_decode() has accepted */
struct sdesc {
	struct pl session;      /**< session-level lines                 */
	struct pl media;        /**< from the first m= on, may be empty  */
	struct pl sess_id;      /**< of o=                               */
	uint64_t version;       /**< of o=                               */
	struct ue_addr addr;    /**< session-level c=; family 0: none, or a
				 *   name                                */
	uint8_t mediac;         /**< 0..SDESC_MEDIA_MAX                    */
	uint8_t dir;            /**< enum sdesc_dir at session level       */
	bool conn;              /**< there is a session-level c=         */
};

/** A media description */
struct sdesc_media {
	struct pl type;         /**< "audio", "message" ...              */
	struct pl proto;        /**< "RTP/AVP", "TCP/MSRP" ...           */
	struct pl fmts;         /**< formats, separated by spaces        */
	struct pl lines;        /**< what follows the m= line            */
	const struct sdesc *sdp; /**< what it is of                      */
	struct ue_addr addr;    /**< own c=, or that of the session, with
				 *   the port; family 0: a name          */
	uint16_t port;          /**< 0 = refused or removed (RFC 3264 s6,
				 *   s8.2)                               */
	uint8_t dir;            /**< enum sdesc_dir                        */
};

/** An attribute `a=name:value` */
struct sdesc_attr {
	struct pl name;
	struct pl val;          /**< p == NULL: no value                 */
};

/**
 * Check a session description
 *
 * Required are v=0, o=, s= in this order, t=, and for each m= line a c= of
 * its own or of the session where its port is not 0 (RFC 4566 s5).  A line
 * ends with CRLF or LF.
 *
 * @param sdp   Result
 * @param text  The description; must live as long as the result
 *
 * @return 0; EBADMSG malformed, or a type letter that RFC 4566 does not know
 *         (s5: the whole is to be ignored); EOVERFLOW more than
 *         SDESC_MEDIA_MAX media descriptions
 */
int sdesc_decode(struct sdesc *sdp, const struct pl *text);

/** Media description number i, from 0.  @return 0, ENOENT */
int sdesc_media(struct sdesc_media *m, const struct sdesc *sdp, unsigned i);

/** Is it of that media type and protocol (any case)?  proto NULL: any */
bool sdesc_media_is(const struct sdesc_media *m, const char *type,
		  const char *proto);

/** Next attribute in the lines of a media description or of the session.
 *  @param lines  In and out: what is left.  @return 0, ENOENT */
int sdesc_attr_next(struct sdesc_attr *a, struct pl *lines);

/** First attribute of that name (RFC 4566 s6: case matters) in the media
 *  description.  val may be NULL; p == NULL: it has no value.
 *  @return 0, ENOENT */
int sdesc_media_attr(struct pl *val, const struct sdesc_media *m,
		   const char *name);

/** The same, of the media description or else of the session: RFC 4145 s4,
 *  RFC 8122 s5 */
int sdesc_attr(struct pl *val, const struct sdesc_media *m, const char *name);

/** Next word of a list separated by spaces (formats, accept-types).
 *  @return 0, ENOENT */
int sdesc_word_next(struct pl *word, struct pl *rest);

/** A codec of an audio stream (RFC 4566 s6 rtpmap, fmtp) */
struct sdesc_codec {
	struct pl name;         /**< encoding name; p == NULL: a static
				 *   payload type that we do not know    */
	struct pl fmtp;         /**< p == NULL: none                     */
	uint32_t rate_hz;
	uint8_t pt;             /**< payload type, 0..127                */
	uint8_t channels;
};

/** Codec of the next format.  @param rest  In and out: m->fmts at first.
 *  @return 0; ENOENT; EBADMSG no payload type, or a malformed rtpmap */
int sdesc_codec_next(struct sdesc_codec *c, const struct sdesc_media *m,
		   struct pl *rest);

/* ------------------------------------------------------------------ */
/* Direction (RFC 3264 s5.1, s6.1, s8.4) */

/** As the other side sees it */
enum sdesc_dir sdesc_dir_reverse(enum sdesc_dir dir);

/** What may be answered: the offer seen from here, as far as we want
 *  it */
enum sdesc_dir sdesc_dir_answer(enum sdesc_dir offered, enum sdesc_dir wanted);

/* ------------------------------------------------------------------ */
/* Preconditions for quality of service, segmented status (RFC 3312 s5) */

/** Strength tags, weakest first */
enum sdesc_strength {
	SDESC_STRENGTH_NONE = 0,
	SDESC_STRENGTH_OPTIONAL,
	SDESC_STRENGTH_MANDATORY
};

/** Status of the describer's side ("local" in its lines) and of the other;
 *  directions are bits of enum sdesc_dir */
struct sdesc_qos {
	uint8_t curr_local;
	uint8_t curr_remote;
	uint8_t des_local;      /**< directions desired                  */
	uint8_t des_remote;
	uint8_t strength_local; /**< enum sdesc_strength                   */
	uint8_t strength_remote;
	uint8_t conf_remote;    /**< directions whose success is to be
				 *   confirmed                           */
};

/**
 * Read curr, des and conf of a media description
 *
 * @return 0; ENOENT there are none; EBADMSG malformed; ENOTSUP a mandatory
 *         precondition of another type than qos, or with end-to-end status
 *         (s11: to be refused with 580)
 */
int sdesc_qos_decode(struct sdesc_qos *qos, const struct sdesc_media *m);

/** As the other side sees it: local and remote change places, directions are
 *  reversed.  conf_remote is dropped */
void sdesc_qos_reverse(struct sdesc_qos *res, const struct sdesc_qos *qos);

/** Are all mandatory preconditions met (s6)? */
bool sdesc_qos_met(const struct sdesc_qos *qos);

/* ------------------------------------------------------------------ */
/* Writer */

/** v=, o=, s=, c=, t=.  addr: own address; its port is not used */
void sdesc_write_session(struct sip_writer *w, uint32_t sess_id,
		       uint32_t version, const struct ue_addr *addr);

/** m=.  fmts: formats separated by spaces */
void sdesc_write_media(struct sip_writer *w, const char *type, uint16_t port,
		     const char *proto, const char *fmts);

/** The m= line that refuses an offered stream: port 0 (RFC 3264 s6), with
 *  file-selector and file-transfer-id as offered (RFC 5547 s8.3) */
void sdesc_write_refused(struct sip_writer *w,
			 const struct sdesc_media *offer);

/** a=name, or a=name:value.  val NULL: no value */
void sdesc_write_attr(struct sip_writer *w, const char *name,
		    const char *val);

/** An attribute as it stands in another description, where it is there */
void sdesc_write_mirror(struct sip_writer *w, const struct sdesc_media *offer,
			const char *name);

/** Octets as `4A:AD:...` (RFC 8122 s5, RFC 5547 s6) */
void sdesc_write_hex(struct sip_writer *w, const uint8_t *v, size_t n);

/** Read them: n octets and nothing else.  @return 0, EBADMSG */
int sdesc_hex_decode(uint8_t *v, size_t n, const char *p, size_t len);

/** a=sendrecv, sendonly, recvonly or inactive */
void sdesc_write_dir(struct sip_writer *w, enum sdesc_dir dir);

/** curr, des and conf lines */
void sdesc_write_qos(struct sip_writer *w, const struct sdesc_qos *qos);

#endif
