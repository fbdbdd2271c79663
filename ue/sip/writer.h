/**
 * @file writer.h  SIP messages to send, written into the caller's buffer
 *
 * Errors are sticky: after the first one nothing is written any more and
 * sip_writer_end() or sip_writer_body() (and sip_writer_err()) return it, so
 * that a message is built without a check in each line:
 *
 *	sip_writer_init(&w, buf, sizeof(buf));
 *	sip_writer_request(&w, "MESSAGE", &ruri);
 *	sip_writer_hdr(&w, SIP_HDR_FROM, "<%r>;tag=%s", &impu, tag);
 *	...
 *	err = sip_writer_body(&w, "text/plain", text, len);
 *	if (!err)
 *		send(buf, sip_writer_len(&w));
 *
 * Nothing that comes from outside can end a line: a control character (CR,
 * LF, NUL ...; not HTAB) in any value is EINVAL.
 *
 *	EOVERFLOW  the buffer is full
 *	EINVAL     control character, or a value that is none of its kind
 */
#ifndef SIP_WRITER_H
#define SIP_WRITER_H

#include "ue/sip/message.h"

/** Writes to buf[0..size); zero-initialised = no room */
struct sip_writer {
	char *buf;
	size_t size;
	size_t pos;             /**< octets written                         */
	size_t clen_pos;        /**< private: Content-Length to patch       */
	int err;                /**< first error, 0 = none                  */
};

/** Begin at the start of a buffer, which stays the caller's */
void sip_writer_init(struct sip_writer *w, char *buf, size_t size);

/** First error or 0 */
int sip_writer_err(const struct sip_writer *w);

/** Octets written so far */
size_t sip_writer_len(const struct sip_writer *w);

/** Request line.  ruri: checked, must fit into a request line */
void sip_writer_request(struct sip_writer *w, const char *method,
			const struct pl *ruri);

/** Status line.  code: 100..699; phrase NULL: sip_phrase(code) */
void sip_writer_status(struct sip_writer *w, uint16_t code,
		       const char *phrase);

/** Reason phrase of a status code; "" for codes not known */
const char *sip_phrase(uint16_t code);

/**
 * A whole header field
 *
 * Format, all arguments checked for control characters:
 *	%s  const char *, zero-terminated
 *	%r  const struct pl *
 *	%q  const struct pl *, as a quoted string (quotes and escapes added)
 *	%u  uint32_t, decimal
 *	%x  uint32_t, 8 hexadecimal digits, lower case
 *	%%  a percent sign
 * Another conversion is EINVAL.
 */
void sip_writer_hdr(struct sip_writer *w, enum sip_hdr_id id,
		    const char *fmt, ...);

/** The same for a field that is not in SIP_HDR_LIST; name: a token */
void sip_writer_hdr_named(struct sip_writer *w, const char *name,
			  const char *fmt, ...);

/** A header field in pieces: name, then any of the value functions below,
 *  then sip_writer_eol() */
void sip_writer_name(struct sip_writer *w, enum sip_hdr_id id);

/** Formatted text into a value; format as sip_writer_hdr() */
void sip_writer_fmt(struct sip_writer *w, const char *fmt, ...);

/** The same, and the end of the line */
void sip_writer_line(struct sip_writer *w, const char *fmt, ...);

/** Text into a value */
void sip_writer_str(struct sip_writer *w, const char *str);
void sip_writer_pl(struct sip_writer *w, const struct pl *pl);

/**
 * `"display name" <uri>` or `<uri>`
 *
 * @param dname  Display name in plain text, quoted and escaped here; NULL or
 *               empty: none
 * @param uri    URI text; must decode (sip_uri_decode()), EINVAL otherwise
 */
void sip_writer_addr(struct sip_writer *w, const struct pl *dname,
		     const struct pl *uri);

/** End of a header field */
void sip_writer_eol(struct sip_writer *w);

/** A field with a comma-separated list; listv ends with NULL; nothing is
 *  written for an empty list */
void sip_writer_list(struct sip_writer *w, enum sip_hdr_id id,
		     const char *const *listv);

/** Copy all fields of a kind from a received message, one field each */
void sip_writer_copy(struct sip_writer *w, const struct sip_msg *m,
		     enum sip_hdr_id id);

/**
 * Begin a response to a request (RFC 3261 s8.2.6): status line, Via list,
 * From, To, Call-ID, CSeq; Timestamp for 100
 *
 * @param w         Writer
 * @param m         The request; also one that sip_msg_parse() refused with a
 *                  status: what it has is copied
 * @param code      100..699
 * @param phrase    NULL: sip_phrase(code)
 * @param to_tag    Put into To when the request has none there and code is
 *                  not 100; NULL: never
 * @param received  Put into the topmost Via (RFC 3261 s18.2.1); NULL: leave.
 *                  IPv6 without brackets
 * @param rport     The source port, put into the topmost Via where it has
 *                  `rport` (RFC 3581 s4); 0: leave
 */
void sip_writer_reply(struct sip_writer *w, const struct sip_msg *m,
		      uint16_t code, const char *phrase, const char *to_tag,
		      const struct pl *received, uint16_t rport);

/** The fields that an answer found by sip_msg_uas_check() carries: 405 Allow,
 *  415 Accept (and Accept-Encoding), 420 Unsupported, others none.  Lists as
 *  given there */
void sip_writer_refusal(struct sip_writer *w, const struct sip_msg *m,
			uint16_t status, const char *const *methodv,
			const char *const *optionv,
			const char *const *acceptv);

/** End of a message without body: Content-Length: 0 and the empty line.
 *  @return 0 or the first error */
int sip_writer_end(struct sip_writer *w);

/**
 * End of a message with a body: Content-Type, Content-Length, the empty line
 * and the body
 *
 * @param ctype  Media type with parameters, "application/sdp"
 * @param data   Body, any octets
 * @return 0 or the first error
 */
int sip_writer_body(struct sip_writer *w, const char *ctype,
		    const void *data, size_t len);

/**
 * The same for a body that is written piece by piece: begin, then
 * sip_writer_data() as often as needed, then end, which fills in the
 * Content-Length (padded with spaces: RFC 3261 s25.1 HCOLON)
 */
void sip_writer_body_begin(struct sip_writer *w, const char *ctype);
void sip_writer_data(struct sip_writer *w, const void *data, size_t len);
int  sip_writer_body_end(struct sip_writer *w);

#endif
