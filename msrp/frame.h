/**
 * @file msrp/frame.h  MSRP requests and responses on a stream (RFC 4975 s7,
 *                     s9): incremental parser and writer
 *
 * The parser takes the stream in pieces of any size and tells what it finds
 * step by step: a header section, pieces of the body, the end-line.  Nothing
 * is allocated; the body is never copied, each piece points into the input.
 * A header section that lies in one input is read in place, a divided one is
 * gathered first.
 */
#ifndef MSRP_FRAME_H
#define MSRP_FRAME_H

#include <stdbool.h>
#include "msrp/msrp_config.h"
#include "msrp/msrp_re.h"

enum {
	MSRP_TID_MIN  = 4,              /* RFC 4975 s9: ident */
	MSRP_TID_MAX  = 32,
	/** CRLF, seven hyphens, transaction identifier, flag, CRLF */
	MSRP_END_MAX  = 2 + 7 + MSRP_TID_MAX + 1 + 2,
	/** Body of a chunk that need not be interruptible (RFC 4975 s7.1.1) */
	MSRP_CHUNK    = 2048
};

/** An unknown range-end or total: "*" */
#define MSRP_ANY UINT32_MAX

/** Continuation flags (RFC 4975 s9) */
enum msrp_flag {
	MSRP_COMPLETE = '$',    /**< the end of the message                 */
	MSRP_MORE     = '+',    /**< more chunks follow                     */
	MSRP_ABORTED  = '#'     /**< the sender gives the message up        */
};

enum msrp_method {
	MSRP_RESPONSE = 0,      /**< no method: head.status is valid        */
	MSRP_SEND,
	MSRP_REPORT,
	MSRP_AUTH,              /**< RFC 4976 s4                            */
	MSRP_NICKNAME,          /**< RFC 7701 s7                            */
	MSRP_OTHER
};

/** Header fields in the order in which they are written */
enum msrp_hdr {
	MSRP_TO_PATH = 0,
	MSRP_FROM_PATH,
	MSRP_MESSAGE_ID,
	MSRP_SUCCESS_REPORT,
	MSRP_FAILURE_REPORT,
	MSRP_BYTE_RANGE,
	MSRP_STATUS,
	MSRP_USE_PATH,          /**< RFC 4976, as the following             */
	MSRP_EXPIRES,
	MSRP_MIN_EXPIRES,
	MSRP_MAX_EXPIRES,
	MSRP_WWW_AUTHENTICATE,
	MSRP_AUTHENTICATION_INFO,
	MSRP_CONTENT_DISPOSITION,
	MSRP_CONTENT_TYPE,      /**< RFC 4975 s7.1: the last one            */
	MSRP_HDR_MAX
};

/** Value of Success-Report and Failure-Report (RFC 4975 s7.1.1) */
enum msrp_want {
	MSRP_YES = 0,           /**< of Failure-Report also if not there    */
	MSRP_NO,                /**< of Success-Report also if not there    */
	MSRP_PARTIAL,
	MSRP_WANT_MAX
};

/** Byte-Range; numbers above 2^32 - 2 are cut to that value */
struct msrp_range {
	uint32_t start;         /**< first octet of the body, from 1        */
	uint32_t end;           /**< its last octet, MSRP_ANY: "*"          */
	uint32_t total;         /**< of the message, MSRP_ANY: "*"          */
};

/** A header section.  Texts point into what was parsed */
struct msrp_head {
	enum msrp_method method;
	uint16_t status;        /**< of a response, 100..999                */
	bool body;              /**< a body follows, maybe an empty one     */
	/** Framing is sound, but the content breaks the grammar: a request
	 *  earns 400 */
	bool bad;
	struct pl tid;          /**< transaction identifier                 */
	struct pl name;         /**< method, or the comment of a response   */
	struct pl hdrv[MSRP_HDR_MAX]; /**< values; p NULL: not there        */
	enum msrp_want success; /**< Success-Report                         */
	enum msrp_want failure; /**< Failure-Report                         */
	bool ranged;            /**< Byte-Range is there and valid          */
	struct msrp_range range;
};

enum msrp_step {
	MSRP_STEP_HEAD = 1,     /**< *head is valid                         */
	MSRP_STEP_DATA,         /**< a piece of the body                    */
	MSRP_STEP_END           /**< the end-line                           */
};

/** What was found; valid until the input is or the parser is called again */
struct msrp_found {
	enum msrp_step step;
	const uint8_t *data;    /**< DATA                                   */
	size_t len;             /**< DATA: at least 1                       */
	enum msrp_flag flag;    /**< END                                    */
};

/** The parser of one connection.  Members are its own */
struct msrp_parser {
	uint8_t state;
	uint8_t match;          /* octets of end[] that have been seen      */
	uint8_t skip;           /* of these, octets that are no body        */
	uint8_t end_len;        /* length of end[] up to the flag           */
	uint16_t line;          /* where the current header line begins     */
	uint16_t len;           /* octets gathered                          */
	char end[MSRP_END_MAX]; /* the end-line that closes the body        */
	char buf[MSRP_HEAD_MAX];
};

void msrp_parser_init(struct msrp_parser *ps);

/**
 * Go on with the stream; to be called until it returns EAGAIN
 *
 * @param ps     Parser
 * @param found  Result: what comes next in the stream
 * @param head   Result with MSRP_STEP_HEAD, else untouched
 * @param data   Input
 * @param n      Its length
 * @param used   Result, always: octets taken; the caller goes on behind them
 *
 * @return 0 found; EAGAIN all taken, more is needed; EBADMSG no MSRP;
 *         EOVERFLOW header section too long: after both the connection is of
 *         no use
 */
int msrp_parser_feed(struct msrp_parser *ps, struct msrp_found *found,
		     struct msrp_head *head, const uint8_t *data, size_t n,
		     size_t *used);

/**
 * Read a whole header section, from the start line to the line before the
 * end-line or to the empty line
 *
 * @param head  Result
 * @param p     Text
 * @param n     Its length
 * @param body  An empty line ends it
 *
 * @return 0 (also with head->bad); EBADMSG the start line is none
 */
int msrp_head_decode(struct msrp_head *head, const char *p, size_t n,
		     bool body);

/** Value of a header field as a number; false: not there or no number */
bool msrp_head_u32(uint32_t *v, const struct msrp_head *head,
		   enum msrp_hdr id);

/** Status-code of a REPORT in namespace 000 (RFC 4975 s7.1.2); 0: none */
uint16_t msrp_head_report(const struct msrp_head *head);

/* Writer ----------------------------------------------------------------- */

/** Text in a buffer.  What does not fit sets `full`, nothing is cut */
struct msrp_text {
	char *p;
	size_t size;
	size_t len;
	bool full;
};

void msrp_text_init(struct msrp_text *t, char *p, size_t size);
void msrp_put(struct msrp_text *t, const char *str);
void msrp_put_mem(struct msrp_text *t, const char *p, size_t n);
void msrp_put_pl(struct msrp_text *t, const struct pl *pl);

/** Put a text in which %s stands for a string, %r for a struct pl *, %n for
 *  octets with their number before them, %u for an uint32_t (MSRP_ANY: "*") */
void msrp_putf(struct msrp_text *t, const char *fmt, ...);

/** No control characters but tabs, and none of `except`; bytes above 7F are
 *  taken as they are */
bool msrp_is_text(const struct pl *pl, const char *except);

/**
 * Write a header section: start line, header fields of `head`, with `body`
 * the empty line
 *
 * @param t     Text
 * @param head  What to write; Byte-Range is taken from `range` if `ranged`
 *
 * @return 0; EOVERFLOW
 */
int msrp_head_write(struct msrp_text *t, const struct msrp_head *head);

/** Write the end-line, with `body` the CRLF before it */
void msrp_end_write(struct msrp_text *t, const struct pl *tid, bool body,
		    enum msrp_flag flag);

enum { MSRP_RANDOM_LEN = 8 };

/**
 * Octets in hexadecimal digits.  RFC 4975 s7.1: an identifier has at least 64
 * random bits
 *
 * @param str  Result: 2 * n characters and a zero
 */
void msrp_hex(char *str, const uint8_t *p, size_t n);

/** Looks for an end-line in what is being sent */
struct msrp_guard {
	char tid[2 * MSRP_RANDOM_LEN + 1];
	uint8_t match;
};

void msrp_guard_init(struct msrp_guard *g, const char *tid);

/**
 * RFC 4975 s7.1: the end-line must not be present in the body
 *
 * @param g  Guard; knows the octets that went before
 * @param p  The next octets of the body
 * @param n  Their number
 *
 * @return How many of them can be sent: n, or fewer when the seven hyphens
 *         and the transaction identifier would be complete with the next one
 */
size_t msrp_guard_pass(struct msrp_guard *g, const uint8_t *p, size_t n);

#endif
