/**
 * @file message.h  SIP messages as received: parser and value decoders
 *
 * sip_msg_parse() reads a message in place and checks what every message
 * must have; other header fields are kept as text and decoded by the
 * functions below when somebody wants them.
 *
 *  - Nothing is allocated or copied.  Each struct pl in a result points into
 *    the caller's buffer (or, where a function takes text, into that text)
 *    and lives exactly as long as it does.  `p == NULL` means: not there.
 *  - Whatever octets come in, no function reads outside the given length or
 *    recurses, and time grows with the length only (sip_uri_equal(): with its
 *    square up to 32 parameters, then not at all).
 *  - Results are written only on success, except by sip_msg_parse().
 *  - Grammar: RFC 3261 section 25.1 with the corrections of RFC 5954.  Lenient
 *    are only these, each seen from real peers: `received=[IPv6]` and `:::`
 *    before an IPv4 tail (RFC 5118 4.5, 4.10), a quoted value of a URI
 *    parameter inside <> (sigcomp-id in 3GPP message examples), requests
 *    without the fields that RFC 2543 did not have (branch, tag,
 *    Max-Forwards).
 */
#ifndef SIP_MESSAGE_H
#define SIP_MESSAGE_H

#include <stdbool.h>
#include "ue/ue_config.h"
#include "ue/ue_re.h"

/** Longest message that can be parsed */
#define SIP_MSG_LEN_MAX 65535

/** Value of sip_msg.max_fwd without a (readable) Max-Forwards */
#define SIP_MAX_FWD_NONE 0xffff

enum sip_method {
	SIP_METHOD_OTHER = 0,   /**< any other token: see sip_msg.met */
	SIP_METHOD_REGISTER,
	SIP_METHOD_INVITE,
	SIP_METHOD_ACK,
	SIP_METHOD_BYE,
	SIP_METHOD_CANCEL,
	SIP_METHOD_OPTIONS,
	SIP_METHOD_SUBSCRIBE,
	SIP_METHOD_NOTIFY,
	SIP_METHOD_REFER,
	SIP_METHOD_PRACK,
	SIP_METHOD_UPDATE,
	SIP_METHOD_MESSAGE,
	SIP_METHOD_INFO,
	SIP_METHOD_PUBLISH
};

enum sip_framing {
	/** One datagram: octets after Content-Length are ignored, without it
	 *  the body goes to the end (RFC 3261 s18.3) */
	SIP_FRAMING_DATAGRAM,
	/** One message cut out of a stream by sip_msg_frame():
	 *  Content-Length is mandatory (RFC 3261 s20.14) */
	SIP_FRAMING_STREAM,
	/** The caller knows where the message ends (transcripts): the body
	 *  goes to the end, Content-Length is checked but not used */
	SIP_FRAMING_WHOLE
};

enum sip_scheme {
	SIP_SCHEME_OTHER = 0,   /**< any other: see sip_uri.scheme_name */
	SIP_SCHEME_SIP,
	SIP_SCHEME_SIPS,
	SIP_SCHEME_TEL,
	SIP_SCHEME_URN
};

enum sip_host_type {
	SIP_HOST_NONE = 0,
	SIP_HOST_NAME,
	SIP_HOST_IPV4,
	SIP_HOST_IPV6
};

enum sip_transp {
	SIP_TRANSP_OTHER = 0,   /**< any other: see sip_via.transp_name */
	SIP_TRANSP_UDP,
	SIP_TRANSP_TCP,
	SIP_TRANSP_TLS,
	SIP_TRANSP_SCTP
};

/**
 * Known header fields: X(A, identifier, name, several)
 *
 * Sorted by the length of the name (the look-up depends on it; a unit test
 * checks it).  several: L = the field may occur more than once in a message,
 * S = it must not (RFC 3261 s7.3.1; a second one is answered 400).  Every
 * other field is kept with identifier SIP_HDR_OTHER.
 */
#define SIP_HDR_LIST(X, A)						\
	X(A, TO,                  "To",                  S)		\
	X(A, VIA,                 "Via",                 L)		\
	X(A, CSEQ,                "CSeq",                S)		\
	X(A, DATE,                "Date",                S)		\
	X(A, FROM,                "From",                S)		\
	X(A, JOIN,                "Join",                S)		\
	X(A, PATH,                "Path",                L)		\
	X(A, RACK,                "RAck",                S)		\
	X(A, RSEQ,                "RSeq",                S)		\
	X(A, ALLOW,               "Allow",               L)		\
	X(A, EVENT,               "Event",               S)		\
	X(A, ROUTE,               "Route",               L)		\
	X(A, ACCEPT,              "Accept",              L)		\
	X(A, MIN_SE,              "Min-SE",              S)		\
	X(A, REASON,              "Reason",              L)		\
	X(A, SERVER,              "Server",              S)		\
	X(A, CALL_ID,             "Call-ID",             S)		\
	X(A, CONTACT,             "Contact",             L)		\
	X(A, EXPIRES,             "Expires",             S)		\
	X(A, PRIVACY,             "Privacy",             S)		\
	X(A, REQUIRE,             "Require",             L)		\
	X(A, SUBJECT,             "Subject",             S)		\
	X(A, WARNING,             "Warning",             L)		\
	X(A, PRIORITY,            "Priority",            S)		\
	X(A, REFER_TO,            "Refer-To",            S)		\
	X(A, REPLACES,            "Replaces",            S)		\
	X(A, REPLY_TO,            "Reply-To",            S)		\
	X(A, SIP_ETAG,            "SIP-ETag",            S)		\
	X(A, REFER_SUB,           "Refer-Sub",           S)		\
	X(A, SUPPORTED,           "Supported",           L)		\
	X(A, TIMESTAMP,           "Timestamp",           S)		\
	X(A, FLOW_TIMER,          "Flow-Timer",          S)		\
	X(A, USER_AGENT,          "User-Agent",          S)		\
	X(A, MIN_EXPIRES,         "Min-Expires",         S)		\
	X(A, REFERRED_BY,         "Referred-By",         S)		\
	X(A, RETRY_AFTER,         "Retry-After",         S)		\
	X(A, UNSUPPORTED,         "Unsupported",         L)		\
	X(A, ALLOW_EVENTS,        "Allow-Events",        L)		\
	X(A, CONTENT_TYPE,        "Content-Type",        S)		\
	X(A, FEATURE_CAPS,        "Feature-Caps",        L)		\
	X(A, MAX_FORWARDS,        "Max-Forwards",        S)		\
	X(A, MIME_VERSION,        "MIME-Version",        S)		\
	X(A, RECORD_ROUTE,        "Record-Route",        L)		\
	X(A, SIP_IF_MATCH,        "SIP-If-Match",        S)		\
	X(A, AUTHORIZATION,       "Authorization",       L)		\
	X(A, PROXY_REQUIRE,       "Proxy-Require",       L)		\
	X(A, SERVICE_ROUTE,       "Service-Route",       L)		\
	X(A, TARGET_DIALOG,       "Target-Dialog",       S)		\
	X(A, ACCEPT_CONTACT,      "Accept-Contact",      L)		\
	X(A, CONTENT_LENGTH,      "Content-Length",      S)		\
	X(A, REJECT_CONTACT,      "Reject-Contact",      L)		\
	X(A, ACCEPT_ENCODING,     "Accept-Encoding",     L)		\
	X(A, ACCEPT_LANGUAGE,     "Accept-Language",     L)		\
	X(A, SECURITY_CLIENT,     "Security-Client",     L)		\
	X(A, SECURITY_SERVER,     "Security-Server",     L)		\
	X(A, SECURITY_VERIFY,     "Security-Verify",     L)		\
	X(A, SESSION_EXPIRES,     "Session-Expires",     S)		\
	X(A, CONTENT_ENCODING,    "Content-Encoding",    L)		\
	X(A, CONTENT_LANGUAGE,    "Content-Language",    L)		\
	X(A, P_ASSOCIATED_URI,    "P-Associated-URI",    L)		\
	X(A, WWW_AUTHENTICATE,    "WWW-Authenticate",    L)		\
	X(A, P_CALLED_PARTY_ID,   "P-Called-Party-ID",   S)		\
	X(A, PROXY_AUTHENTICATE,  "Proxy-Authenticate",  L)		\
	X(A, SUBSCRIPTION_STATE,  "Subscription-State",  S)		\
	X(A, AUTHENTICATION_INFO, "Authentication-Info", S)		\
	X(A, CONTENT_DISPOSITION, "Content-Disposition", S)		\
	X(A, P_ASSERTED_IDENTITY, "P-Asserted-Identity", L)		\
	X(A, PROXY_AUTHORIZATION, "Proxy-Authorization", L)		\
	X(A, REQUEST_DISPOSITION, "Request-Disposition", L)		\
	X(A, P_PREFERRED_SERVICE, "P-Preferred-Service", L)		\
	X(A, P_PREFERRED_IDENTITY, "P-Preferred-Identity", L)		\
	X(A, P_ACCESS_NETWORK_INFO, "P-Access-Network-Info", L)

#define SIP_HDR_ENUM(A, id, name, n) SIP_HDR_##id,
enum sip_hdr_id {
	SIP_HDR_LIST(SIP_HDR_ENUM, 0)
	SIP_HDR_COUNT,
	SIP_HDR_OTHER = SIP_HDR_COUNT   /**< not in the list */
};
#undef SIP_HDR_ENUM

/* ------------------------------------------------------------------ */
/* Values */

/**
 * A URI (RFC 3261 s19.1, RFC 3966, RFC 8141).  Text is as received, with
 * %-escapes.  Other schemes than sip, sips: only text, scheme, scheme_name,
 * user and params are set.
 */
struct sip_uri {
	uint8_t scheme;         /**< enum sip_scheme                        */
	uint8_t host_type;      /**< enum sip_host_type                     */
	uint16_t port;          /**< 0 = none given                         */
	struct pl text;         /**< the whole URI                          */
	struct pl scheme_name;
	struct pl user;         /**< tel: the number; urn and others:
				 *   everything after the colon             */
	struct pl password;     /**< may be there and empty                 */
	struct pl host;         /**< IPv6: without the brackets             */
	struct pl params;       /**< from the first ';' on, or empty        */
	struct pl headers;      /**< after the '?'                          */
};

/** name-addr or addr-spec with its parameters: From, To, Contact, Route ... */
struct sip_addr {
	struct pl dname;        /**< display name without quotes, escapes as
				 *   received (see sip_unquote())           */
	struct sip_uri uri;     /**< text.p == NULL: the Contact is `*`     */
	struct pl params;       /**< header parameters from the first ';'   */
};

/** One Via value (RFC 3261 s20.42, RFC 3581, RFC 5049, RFC 6223) */
struct sip_via {
	uint8_t transp;         /**< enum sip_transp                        */
	uint8_t host_type;      /**< enum sip_host_type                     */
	bool rport_present;     /**< rport with or without value            */
	bool rfc3261;           /**< branch begins with the magic cookie    */
	uint16_t port;          /**< sent-by; 0 = none given                */
	uint16_t rport;         /**< value; 0 = none given                  */
	struct pl text;         /**< the whole value                        */
	struct pl transp_name;  /**< transport as written                   */
	struct pl host;         /**< sent-by; IPv6 without brackets         */
	struct pl params;       /**< from the first ';' on                  */
	struct pl branch;
	struct pl received;     /**< address without brackets               */
	struct pl maddr;
	struct pl comp;
	struct pl sigcomp_id;   /**< without the quotes                     */
	struct pl keep;         /**< p != NULL, l == 0: no value            */
};

/** Content-Type; type.p == NULL: none */
struct sip_ctype {
	struct pl type;
	struct pl subtype;
	struct pl params;       /**< from the first ';' on                  */
};

/** A header field in the buffer; use the functions below */
struct sip_hdr {
	uint16_t name;          /**< offset from sip_msg.buf                */
	uint16_t val;
	uint16_t len;           /**< of the value                           */
	uint8_t name_len;
	uint8_t id;             /**< enum sip_hdr_id                        */
};

/** A parsed message.  Read the fields; change none */
struct sip_msg {
	bool request;
	uint8_t method;         /**< enum sip_method; response: of the CSeq */
	uint16_t code;          /**< response: 100..699; request: 0         */
	uint16_t viac;          /**< number of Via values                   */
	uint16_t max_fwd;       /**< 0..255 or SIP_MAX_FWD_NONE             */
	uint32_t cseq;
	struct pl from_tag;     /**< p == NULL: none                        */
	struct pl to_tag;
	struct pl call_id;
	struct sip_ctype ctype;
	struct pl body;         /**< l == 0: none                           */

	/* why sip_msg_parse() said EBADMSG */
	uint16_t status;        /**< answer it earns; 0 = discard           */
	const char *why;        /**< constant text; NULL = no error         */

	char *buf;              /* private                                  */

	/* what is large, behind the reach of short loads */
	struct pl met;          /**< method as text; response: of the CSeq  */
	struct pl phrase;       /**< response: reason phrase, may be empty  */
	struct sip_uri ruri;    /**< request: Request-URI                   */
	struct sip_via via;     /**< topmost                                */
	struct sip_addr from;
	struct sip_addr to;

	/* private */
	uint32_t seenv[3];      /* a bit for each known field that is there */
	uint16_t hdrc;
	struct sip_hdr hdrv[SIP_HDR_MAX];
};

/* ------------------------------------------------------------------ */
/* Messages */

/**
 * Parse and check one message in place
 *
 * @param m        Result; always written
 * @param buf      The message; writable: the line ends of folded fields are
 *                 replaced by spaces.  m points into it
 * @param len      Octets, 0..SIP_MSG_LEN_MAX
 * @param framing  How the octets were delimited
 *
 * Checked here: start line and Request-URI; each line's form and characters;
 * single fields that occur twice; Via (all), From, To, Call-ID, CSeq (and its
 * method), which must be there; where present Max-Forwards, Contact, Route,
 * Record-Route (all), Content-Type, Content-Length against the octets.
 * Empty lines before the start line are skipped (RFC 3261 s7.5).
 *
 * @return 0
 *         EBADMSG  malformed: m->status is the final response that a request
 *                  earns (400, 505, 513), 0 = discard silently (responses,
 *                  ACK, what is no SIP, keep-alives); m->why says why.  What
 *                  could be read is in m, the rest is zero: a request can be
 *                  answered when m->via.host.p != NULL (sip_writer_reply()
 *                  copies what there is)
 */
int sip_msg_parse(struct sip_msg *m, char *buf, size_t len,
		  enum sip_framing framing);

enum sip_frame {
	SIP_FRAME_MSG,          /**< a message for sip_msg_parse()          */
	SIP_FRAME_PING,         /**< CRLF CRLF: answer CRLF (RFC 5626 s4.4) */
	SIP_FRAME_PONG          /**< CRLF                                   */
};

/**
 * Find the first message in what a stream has delivered so far
 *
 * @param frame_len  Result: its length; the next one begins behind it
 * @param kind       Result: what it is
 * @param buf        Octets received and not yet consumed
 * @param len        Number of octets
 * @param max        Longest message accepted, octets
 *
 * A single CRLF at the end of buf counts as PONG at once, also when it is
 * half of a PING that was cut in two.
 *
 * @return 0
 *         EAGAIN     more octets needed (len < max then)
 *         EBADMSG    no (or two, or a bad) Content-Length, or not SIP: the
 *                    stream is lost, close it (RFC 3261 s18.3, RFC 4475
 *                    3.1.2.2)
 *         EOVERFLOW  the message is longer than max: close
 */
int sip_msg_frame(size_t *frame_len, enum sip_frame *kind, const char *buf,
		  size_t len, size_t max);

/**
 * What an ordinary UAS refuses before it looks at the method's own rules
 * (RFC 3261 s8.2.1 to 8.2.3)
 *
 * @param status    Result on EPROTO: 400, 405, 406, 415, 416, 420, 501
 * @param m         A request that sip_msg_parse() accepted
 * @param methodv   Supported methods; this and the next two end with NULL
 * @param optionv   Supported option tags
 * @param acceptv   Body types understood, "application/sdp" or
 *                  "application/ *" (without the space) for all of a type
 *
 * 405/501: method known to SIP but not supported / not known at all.  416:
 * Request-URI neither sip, sips nor tel.  420: option tag in Require.  415:
 * body type or encoding, unless Content-Disposition says handling=optional.
 * 406: INVITE whose Accept excludes application/sdp.  400: body without
 * Content-Type.  ACK and CANCEL are never refused.  Merged requests (482) are
 * the transaction layer's; a missing Contact is the dialog layer's.
 * sip_writer_refusal() adds the fields that each of these answers carries.
 *
 * @return 0, or EPROTO: answer *status
 */
int sip_msg_uas_check(uint16_t *status, const struct sip_msg *m,
		      const char *const *methodv, const char *const *optionv,
		      const char *const *acceptv);

/** Method of a name (case matters, RFC 3261 s7.1); SIP_METHOD_OTHER unknown */
enum sip_method sip_method(const struct pl *name);

/** Name of a method; "" for SIP_METHOD_OTHER */
const char *sip_method_name(enum sip_method method);

/** Header field of a name, long or compact, any case; SIP_HDR_OTHER */
enum sip_hdr_id sip_hdr_id(const struct pl *name);

/** Canonical long name, "" for SIP_HDR_OTHER.  Not zero-terminated: *len is
 *  its length */
const char *sip_hdr_name(enum sip_hdr_id id, size_t *len);

/** Is there such a field? */
bool sip_msg_has(const struct sip_msg *m, enum sip_hdr_id id);

/** Value of the first field of that kind, without space around.
 *  @return 0 or ENOENT */
int sip_msg_hdr(struct pl *val, const struct sip_msg *m, enum sip_hdr_id id);

/** The same by name, for fields that are not in SIP_HDR_LIST; any case.
 *  @return 0 or ENOENT */
int sip_msg_hdr_named(struct pl *val, const struct sip_msg *m,
		      const char *name);

/** Field number i in message order, 0..m->hdrc - 1; name as received.  name,
 *  val may be NULL.  @return 0 or ENOENT */
int sip_msg_hdr_at(struct pl *name, struct pl *val, const struct sip_msg *m,
		   unsigned i);

/* ------------------------------------------------------------------ */
/* Lists: comma-separated values over all fields of a kind, in order */

/** Iterator; made by sip_iter_init(), lives no longer than the message */
struct sip_iter {
	const struct sip_msg *m;
	struct pl rest;
	uint8_t id;
	uint8_t next;
};

void sip_iter_init(struct sip_iter *it, const struct sip_msg *m,
		   enum sip_hdr_id id);

/** Iterate over text with comma-separated values instead of a message */
void sip_iter_text(struct sip_iter *it, const struct pl *text);

/*
 * Next value.  All return 0, ENOENT at the end, or EBADMSG: the value does
 * not fit the grammar (nothing more can be read from this iterator).
 */

/** A whole field value, commas or not (WWW-Authenticate: one challenge in a
 *  field, RFC 3261 s7.3.1) */
int sip_iter_field(struct pl *val, struct sip_iter *it);

/** Any comma-separated value, without space around; quoted strings and <>
 *  are respected.  An empty field has no value */
int sip_iter_value(struct pl *val, struct sip_iter *it);

/** A token: option tag, method, event package */
int sip_iter_token(struct pl *val, struct sip_iter *it);

/** An address: Contact (`*`: uri.text.p == NULL), Route, Record-Route, Path,
 *  Service-Route, P-Associated-URI, P-Asserted-Identity ... */
int sip_iter_addr(struct sip_addr *addr, struct sip_iter *it);

/** A Via */
int sip_iter_via(struct sip_via *via, struct sip_iter *it);

/** Is the token in the list of these fields? (any case; e.g. Supported,
 *  "100rel") */
bool sip_msg_has_token(const struct sip_msg *m, enum sip_hdr_id id,
		       const char *token);

/** The status in Reason (RFC 3326 s2: SIP;cause=), 100..699, 0 = none */
uint16_t sip_msg_reason(const struct sip_msg *m);

/** Does the body have an encoding (Content-Encoding) that must be undone? */
bool sip_body_is_coded(const struct sip_msg *m);

/* ------------------------------------------------------------------ */
/* Parameters: `;name=value` lists of headers and URIs */

struct sip_param {
	struct pl name;
	struct pl val;          /**< without quotes; p == NULL: no value    */
	bool quoted;            /**< was a quoted string: sip_unquote()     */
};

/**
 * Next parameter
 *
 * @param prm   Result
 * @param rest  In: text from a ';' on (a params field of the structs here);
 *              out: what follows this parameter
 *
 * @return 0, ENOENT at the end, EBADMSG
 */
int sip_param_next(struct sip_param *prm, struct pl *rest);

/** Value of the named parameter (any case), without quotes; p == NULL: it has
 *  none.  val may be NULL.  @return 0, ENOENT, EBADMSG */
int sip_param_get(struct pl *val, const struct pl *params, const char *name);

/** The same for a number.  @return 0, ENOENT, EBADMSG (also > 2^32-1) */
int sip_param_uint(uint32_t *v, const struct pl *params, const char *name);

/** 1*DIGIT at p.  @return the position behind it, NULL: there is none, or it
 *  is > 2^32-1 */
const char *sip_number(uint32_t *v, const char *p, const char *end);

/** Split `value;params` at the first ';' outside quotes and <>; space around
 *  the value is dropped, params begins with the ';' or is empty */
void sip_value_split(struct pl *val, struct pl *params,
		     const struct pl *field);

/**
 * Copy the inside of a quoted string without its escapes
 *
 * @param buf  Result, zero-terminated; may be str->p itself
 * @return 0, EOVERFLOW, EBADMSG (NUL, CR or LF inside; they may be quoted in
 *         SIP, but end a C string)
 */
int sip_unquote(char *buf, size_t size, const struct pl *str);

/* ------------------------------------------------------------------ */
/* URIs */

/**
 * Decode a URI that is alone in its text (no <>)
 *
 * @return 0 or EBADMSG
 */
int sip_uri_decode(struct sip_uri *uri, const struct pl *text);

/**
 * Are they equal (RFC 3261 s19.1.4, RFC 3966 s5, RFC 8141 s3)?
 *
 * %-escapes of unreserved characters are decoded; host, scheme and parameters
 * ignore case, user and password do not; user, ttl, method, maddr and
 * transport count when only one side has them, other parameters when both
 * do; headers must be the same.  IPv6 addresses are compared as addresses.
 * URIs with more than 32 parameters or headers are equal only when written
 * the same.
 */
bool sip_uri_equal(const struct sip_uri *a, const struct sip_uri *b);

/** Parameter of the URI (any case); val may be NULL.
 *  @return 0, ENOENT */
int sip_uri_param(struct pl *val, const struct sip_uri *uri,
		  const char *name);

/**
 * Copy with %-escapes decoded
 *
 * @param buf  Result, zero-terminated (may contain zeros: see len)
 * @param len  Result: octets before the terminating zero, may be NULL
 * @return 0, EOVERFLOW, EBADMSG (% not followed by two hexadecimal digits)
 */
int sip_unescape(char *buf, size_t size, size_t *len, const struct pl *str);

/* ------------------------------------------------------------------ */
/* Single values.  val functions take the text of one field or list value */

/** An address alone in its field.  @return 0, EBADMSG */
int sip_addr_decode(struct sip_addr *addr, const struct pl *val);

/** First address of a kind: Contact, Refer-To, Referred-By,
 *  P-Asserted-Identity ...  @return 0, ENOENT, EBADMSG */
int sip_msg_addr(struct sip_addr *addr, const struct sip_msg *m,
		 enum sip_hdr_id id);

/** Number at the begin of a field; parameters and comments may follow:
 *  Expires, Min-Expires, Retry-After, RSeq, Session-Expires, Min-SE,
 *  Flow-Timer.  @return 0, ENOENT, EBADMSG (no number, or > 2^32-1; RFC 3261
 *  s10.3: such an expiry counts as absent) */
int sip_msg_uint(uint32_t *v, const struct sip_msg *m, enum sip_hdr_id id);

/** Is it this media type (any case)?  subtype NULL: any */
bool sip_ctype_is(const struct sip_ctype *ct, const char *type,
		  const char *subtype);

/** media-type *(; params) alone in its text.  @return 0, EBADMSG */
int sip_ctype_decode(struct sip_ctype *ct, const struct pl *val);

/** token *(; params) alone in its text: Event, Content-Disposition,
 *  Subscription-State, P-Access-Network-Info, Privacy ...
 *  @return 0, EBADMSG */
int sip_token_decode(struct pl *token, struct pl *params,
		     const struct pl *val);

/** Event (RFC 6665 s8.2.1) */
struct sip_event {
	struct pl type;         /**< package and templates                  */
	struct pl id;           /**< p == NULL: none                        */
	struct pl params;
};

/** @return 0, ENOENT, EBADMSG */
int sip_msg_event(struct sip_event *ev, const struct sip_msg *m);

enum sip_substate_state {
	SIP_SUBSTATE_OTHER = 0,
	SIP_SUBSTATE_ACTIVE,
	SIP_SUBSTATE_PENDING,
	SIP_SUBSTATE_TERMINATED
};

/** Subscription-State (RFC 6665 s4.1.3, s8.2.3) */
struct sip_substate {
	struct pl reason;       /**< p == NULL: none                        */
	struct pl params;
	uint32_t expires_s;     /**< UINT32_MAX: none given                 */
	uint32_t retry_after_s; /**< UINT32_MAX: none given                 */
	uint8_t state;          /**< enum sip_substate_state                */
};

/** @return 0, ENOENT, EBADMSG */
int sip_msg_substate(struct sip_substate *ss, const struct sip_msg *m);

/** RAck (RFC 3262 s7.2) */
struct sip_rack {
	uint32_t rseq;
	uint32_t cseq;
	struct pl met;
};

/** @return 0, ENOENT, EBADMSG */
int sip_msg_rack(struct sip_rack *rack, const struct sip_msg *m);

/**
 * Digest parameters of WWW-Authenticate, Proxy-Authenticate, Authorization,
 * Proxy-Authorization or Authentication-Info (RFC 3261 s25.1, RFC 7616,
 * RFC 3310).  Values without quotes; escapes as received, as they enter the
 * hash (RFC 7616 s3.4: unq()).  p == NULL: not there.
 */
struct sip_digest {
	struct pl realm;
	struct pl nonce;
	struct pl opaque;
	struct pl algorithm;
	struct pl qop;          /**< list in a challenge, token otherwise   */
	struct pl stale;
	struct pl domain;
	struct pl username;
	struct pl uri;
	struct pl response;
	struct pl cnonce;
	struct pl nc;
	struct pl auts;
	struct pl nextnonce;
	struct pl rspauth;
};

/**
 * Decode a challenge or credentials: `Digest name=value, ...`
 *
 * @return 0; ENOTSUP another scheme than Digest; EBADMSG (also a parameter
 *         given twice)
 */
int sip_digest_decode(struct sip_digest *dg, const struct pl *val);

/** Decode Authentication-Info: the parameters without a scheme.
 *  @return 0, EBADMSG */
int sip_authinfo_decode(struct sip_digest *dg, const struct pl *val);

/** One mechanism of Security-Client, -Server, -Verify (RFC 3329 s2.2,
 *  TS 33.203 annex H) */
struct sip_sec_mech {
	struct pl text;         /**< the whole value, to copy into Verify   */
	struct pl name;         /**< "ipsec-3gpp"                           */
	struct pl alg;
	struct pl ealg;         /**< p == NULL: none given                  */
	struct pl prot;
	struct pl mod;
	struct pl params;
	uint32_t spi_c;         /**< 0: none given                          */
	uint32_t spi_s;
	uint16_t port_c;
	uint16_t port_s;
	uint16_t q;             /**< 0..1000; 1000 when not given           */
};

/** Next mechanism of a list.  @return 0, ENOENT, EBADMSG */
int sip_iter_sec_mech(struct sip_sec_mech *mech, struct sip_iter *it);

/** qvalue `0.5` in thousandths.  @return 0, EBADMSG */
int sip_qvalue_decode(uint16_t *q, const struct pl *val);

#endif
