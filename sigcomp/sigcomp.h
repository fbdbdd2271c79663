/**
 * @file sigcomp.h  SigComp (RFC 3320, 4896, 4077): the public interface
 *
 * Messages in, messages out. The caller gives all storage, says to which
 * compartment an accepted message belongs (RFC 3320 s5) and carries the
 * bytes. No allocation, no I/O, no clock, no writable data of its own.
 *
 * Receiving:   sigcomp_is_message, sigcomp_decompress, then
 *              sigcomp_accept or sigcomp_discard; on EBADMSG sigcomp_nack
 * Sending:     sigcomp_compress, later sigcomp_confirm
 * On a stream: sigcomp_stream_feed before, sigcomp_stream_mark after
 *
 * One task owns a struct sigcomp. Errors are positive errno values.
 */
#ifndef SIGCOMP_H
#define SIGCOMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sigcomp/sigcomp_config.h"
#include "sigcomp/codec.h"

/** RFC 4077 s3.2: reason codes; SIGCOMP_OK is ours */
enum sigcomp_reason {
	SIGCOMP_OK                  = 0,
	SIGCOMP_STATE_NOT_FOUND     = 1,
	SIGCOMP_CYCLES_EXHAUSTED    = 2,
	SIGCOMP_USER_REQUESTED      = 3,
	SIGCOMP_SEGFAULT            = 4,
	SIGCOMP_TOO_MANY_STATE_REQUESTS = 5,
	SIGCOMP_INVALID_STATE_ID_LENGTH = 6,
	SIGCOMP_INVALID_STATE_PRIORITY  = 7,
	SIGCOMP_OUTPUT_OVERFLOW     = 8,
	SIGCOMP_STACK_UNDERFLOW     = 9,
	SIGCOMP_BAD_INPUT_BITORDER  = 10,
	SIGCOMP_DIV_BY_ZERO         = 11,
	SIGCOMP_SWITCH_VALUE_TOO_HIGH = 12,
	SIGCOMP_TOO_MANY_BITS_REQUESTED = 13,
	SIGCOMP_INVALID_OPERAND     = 14,
	SIGCOMP_HUFFMAN_NO_MATCH    = 15,
	SIGCOMP_MESSAGE_TOO_SHORT   = 16,
	SIGCOMP_INVALID_CODE_LOCATION = 17,
	SIGCOMP_BYTECODES_TOO_LARGE = 18,
	SIGCOMP_INVALID_OPCODE      = 19,
	SIGCOMP_INVALID_STATE_PROBE = 20,
	SIGCOMP_ID_NOT_UNIQUE       = 21,
	SIGCOMP_MULTILOAD_OVERWRITTEN = 22,
	SIGCOMP_STATE_TOO_SHORT     = 23,
	SIGCOMP_INTERNAL_ERROR      = 24,
	SIGCOMP_FRAMING_ERROR       = 25,
};

enum {
	SIGCOMP_REQUESTS = 4,    /* RFC 3320 s6.2: creations, frees        */
	SIGCOMP_OUTPUT_MAX = 65536,  /* RFC 3320 s9.4.8                    */
	SIGCOMP_MESSAGE_MAX = 131072,    /* longest message taken          */
	SIGCOMP_NACK_MAX = 47,   /* RFC 4077 s3.1: longest without feedback */
	SIGCOMP_ANNOUNCED = SIGCOMP_SHARED ? 4 : 1,  /* of the peer: kept   */
	SIGCOMP_LEDGER = SIGCOMP_SLOTS + 2,
	SIGCOMP_MEM_PAD = 32,    /* bytes behind the UDVM memory            */
};

/** Endpoint parameters (RFC 3320 s3.3) and storage; copied by init */
struct sigcomp_settings {
	uint32_t dms;       /**< decompression_memory_size: 2048 * 2^n, up
	                         to 131072                                 */
	uint8_t cpb;        /**< cycles_per_bit: 16, 32, 64 or 128         */
	uint8_t version;    /**< SigComp_version: 1, or 2 = NACK supported */
	uint8_t *mem;       /**< 8-byte aligned: UDVM memory, and the
	                         codec's work area while compressing.
	                         Kept; owned by the endpoint until closed  */
	size_t mem_size;    /**< At least dms (of which 65536 count) and
	                         SIGCOMP_MEM_PAD; more: work area          */
	/** &sigcomp_lz (sigcomp/lz.h), &sigcomp_deflate (sigcomp/deflate.h);
	    NULL: receives only */
	const struct sigcomp_codec *codec;
};

/** A state found by identifier; value valid until the next accept */
struct sigcomp_state {
	const uint8_t *id;
	const uint8_t *value;   /**< NULL: the dictionary of RFC 3485,
	                             see sigcomp_dictionary_read           */
	uint16_t len;
	uint16_t addr;
	uint16_t instr;
	uint16_t minacc;
	uint16_t prio;
	uint32_t age;           /* 0: locally available */
};

/* -- private: a state asked for or a stay of execution for one ----------- */

struct sigcomp_request {
	bool free;          /* STATE-FREE: start = addr, length = len */
	uint16_t len;
	uint16_t addr;
	uint16_t instr;
	uint16_t minacc;
	uint16_t prio;
};

/* A state the peer was asked to create and may have */
struct sigcomp_ledger {
	uint32_t handle;    /* message that creates it                    */
	uint32_t last;      /* message that may have refreshed it         */
	uint32_t freer;     /* message that frees it; 0: none             */
	uint16_t len;
	uint16_t prio;
	uint8_t status;     /* ledger.c                                   */
	uint8_t slot;       /* codec's number, or none: it was replaced   */
	bool again;         /* the message `last` has been sent again     */
	uint16_t tag;       /* SIGCOMP_TAG and the number asked for; or 0 */
	uint16_t gone;      /* cost / SIGCOMP_STATE_COST of those that are
	                       freed later and were forgotten             */
};

/* A message sent, for an incoming NACK or confirmation */
struct sigcomp_sent {
	uint8_t hash[SIGCOMP_ID_LEN];
	uint32_t handle;    /* 0: unused                                  */
	uint8_t used;       /* bits of the slots it referenced            */
	uint8_t level;
};

/** One compartment; private, opened by sigcomp_open */
struct sigcomp_compartment {
	struct sigcomp_compartment *next;

	/* small fields first: short instructions on small processors */
	uint8_t sent_next;
	uint8_t tag;            /* last number asked to be returned       */
	uint16_t seen;          /* SIGCOMP_TAG and the last returned; or 0 */
	uint8_t level;          /* enum sigcomp_level                     */
	uint8_t unheard;        /* compressed since one was accepted      */
	uint8_t item_len;
	uint8_t announced_n;
	bool mixed;             /* messages may overtake each other       */
	uint16_t heard_len;     /* the peer's shared state (RFC 3321)     */

	/* state the peer created here: records packed from the start */
	uint8_t *arena;
	uint32_t arena_size;    /* state_memory_size granted at first     */
	uint32_t sms;           /* state_memory_size now (S bit: 0)       */
	uint32_t fill;          /* bytes of arena in use                  */
	uint32_t cost;          /* sum of state_length + 64               */
	uint32_t seq;           /* age of the newest state                */
	uint32_t share_age;     /* our newest shared state (RFC 3321)     */
	uint32_t share_handle;  /* the message it is the text of          */

	/* compressor */
	struct sigcomp_peer peer;
	void *codec_mem;
	size_t codec_mem_size;
	uint32_t handle;        /* of the last message sent               */
	uint32_t heard_risk;    /* our message that may have pushed it out */
	uint32_t accepts;       /* messages accepted                      */
	uint32_t heard_accept;  /* which of them brought it               */
	uint32_t again;         /* last message sent that was a copy      */

	/* what the peer asked for and told */
	uint8_t announced_len[SIGCOMP_ANNOUNCED];
	uint8_t announced[SIGCOMP_ANNOUNCED][SIGCOMP_ID_LEN];
	uint8_t item[SIGCOMP_ITEM_MAX];  /* feedback item to return       */

	struct sigcomp_slot slot[SIGCOMP_SLOTS];
	struct sigcomp_ledger ledger[SIGCOMP_LEDGER];
	struct sigcomp_sent sent[SIGCOMP_NACK_LIST];
	uint8_t heard_id[SIGCOMP_ID_LEN];
};

/** One endpoint; private, opened by sigcomp_init */
struct sigcomp {
	/* the last failure, for sigcomp_nack */
	uint8_t reason, opcode, id_len;
	bool was_nack;
	uint16_t pc;

	/* the last message's outcome, until accept or discard */
	bool pending;
	uint8_t requests;
	uint8_t returned_len;
	uint16_t feedback_loc, params_loc;
	struct sigcomp_settings set;
	struct sigcomp_compartment *comp;
	uint32_t udvm_size;
	uint32_t shared_age;        /* a shared state the message used */
	const uint8_t *returned;
	const uint8_t *text;
	size_t text_len;
	uint8_t id[SIGCOMP_ID_LEN];  /* partial identifier asked for last */
	struct sigcomp_request req[2 * SIGCOMP_REQUESTS];

	struct sigcomp_job job;     /* while compressing */
};

/** Ready-made storage of one endpoint with the sizes of sigcomp_config.h. On
    some processors uint64_t alone is not aligned */
struct sigcomp_storage {
	struct sigcomp sc;
	struct sigcomp_compartment comp[SIGCOMP_COMPARTMENTS];
	_Alignas(8)
	uint64_t codec_mem[SIGCOMP_COMPARTMENTS][(SIGCOMP_CODEC_MEM + 7) / 8];
	uint64_t arena[SIGCOMP_COMPARTMENTS][(SIGCOMP_SMS + 7) / 8 + 1];
	uint64_t mem[((SIGCOMP_DMS > 65536 ? 65536 : SIGCOMP_DMS) +
		      SIGCOMP_WORK_EXTRA + SIGCOMP_MEM_PAD + 7) / 8];
};

enum sigcomp_kind {
	SIGCOMP_TEXT,       /**< A message for the application             */
	SIGCOMP_NACK,       /**< A NACK (RFC 4077): nothing to deliver      */
};

/** Outcome of one message */
struct sigcomp_result {
	enum sigcomp_kind kind;
	size_t len;             /**< Plaintext bytes written                */
	bool has_output;        /**< false: no OUTPUT at all (s9.4.8)       */
	uint32_t cycles;        /**< UDVM cycles used                       */
	uint32_t budget;        /**< cycles that were available altogether  */
	enum sigcomp_reason reason;     /**< of a failure, or told by a NACK */
	struct sigcomp_compartment *comp;  /**< of the message a NACK refused,
					        NULL if it is not known     */
	uint32_t handle;        /**< the refused message's handle           */
};

/* -- life cycle ---------------------------------------------------------- */

/**
 * Initialise an endpoint
 *
 * @param sc  Endpoint, storage of the caller, any content
 * @param set Parameters; see there
 *
 * @return 0, EINVAL (a parameter not of the set RFC 3320 s3.3.1 allows)
 */
int sigcomp_init(struct sigcomp *sc, const struct sigcomp_settings *set);

/**
 * Open a compartment (RFC 3320 s6.2)
 *
 * @param comp       Compartment, storage of the caller until closed
 * @param arena      State memory, 8-byte aligned, sms + 8 bytes
 * @param sms        state_memory_size: 0 or 2048 * 2^n up to 131072
 * @param codec_mem  Codec memory, 8-byte aligned; NULL without codec
 * @param mem_size   Its size
 *
 * @return 0, EINVAL
 */
int sigcomp_open(struct sigcomp *sc, struct sigcomp_compartment *comp,
		 void *arena, uint32_t sms, void *codec_mem, size_t mem_size);

/** Close a compartment: its states are gone (RFC 3320 s6.2) */
void sigcomp_close(struct sigcomp *sc, struct sigcomp_compartment *comp);

/** Initialise ready-made storage: DMS and SMS of the configuration,
    compartments opened. codec: as in struct sigcomp_settings.
    @return as sigcomp_init, sigcomp_open */
int sigcomp_storage_init(struct sigcomp_storage *st, uint8_t cpb,
			 const struct sigcomp_codec *codec);

/* -- receiving ----------------------------------------------------------- */

/** Does a datagram or a stream begin a SigComp message? (RFC 5049 s5)
    @return true if its first octet is 11111xxx */
bool sigcomp_is_message(const uint8_t *p, size_t len);

/**
 * Decompress one message. A pending one is discarded first.
 *
 * After 0 with kind SIGCOMP_TEXT the endpoint waits for sigcomp_accept or
 * sigcomp_discard: states and feedback of the message take effect only then.
 * msg and out must stay unchanged until that.
 *
 * @param res    Outcome; also filled in on EBADMSG (reason, cycles)
 * @param out    Plaintext
 * @param size   Its capacity; more output fails with OUTPUT_OVERFLOW
 * @param msg    SigComp message, record marking already removed
 * @param len    Its length
 * @param stream UDVM memory is dms / 2 instead of dms - len (s7)
 *
 * @return 0, EBADMSG (decompression failure, s8.7: nothing has changed;
 *         answer with sigcomp_nack), EINVAL
 */
int sigcomp_decompress(struct sigcomp_result *res, struct sigcomp *sc,
		       uint8_t *out, size_t size,
		       const uint8_t *msg, size_t len, bool stream);

/**
 * The application accepts the message for this compartment (RFC 3320 s5):
 * states are created and freed, feedback is used. A state whose identifier
 * cannot be made, since SHA-1 fails, is not created
 *
 * @return 0, EPROTO (nothing is pending)
 */
int sigcomp_accept(struct sigcomp *sc, struct sigcomp_compartment *comp);

/** The application does not vouch for the message: no state, no feedback */
void sigcomp_discard(struct sigcomp *sc);

/**
 * Write the NACK for the message that just failed (RFC 4077 s2.2). Send it
 * where the message came from; a stream needs sigcomp_stream_mark.
 *
 * @param buf  At least SIGCOMP_NACK_MAX bytes
 * @param np   Set to the bytes written
 * @param msg  The failed message; NULL for a framing error of a stream
 *
 * @return 0, EPROTO (the last message did not fail), EOVERFLOW,
 *         ENOTSUP (version 1; or the message was a NACK itself), EIO (SHA-1
 *         failed)
 */
int sigcomp_nack(size_t *np, struct sigcomp *sc, uint8_t *buf, size_t size,
		 const uint8_t *msg, size_t len);

/** Name of a reason as in RFC 4077 s3.2 ("STATE_NOT_FOUND"), "" for 0, for
    unknown ones, and always without SIGCOMP_NAMES */
const char *sigcomp_reason_name(enum sigcomp_reason reason);

/**
 * Find a state by (partial) identifier, as a message would
 *
 * @return 0, ENOENT, EEXIST (more than one matches)
 */
int sigcomp_find(struct sigcomp_state *st, const struct sigcomp *sc,
		 const uint8_t *id, size_t len);

/* -- sending ------------------------------------------------------------- */

enum {
	SIGCOMP_ANSWERED = 1,  /**< An answer must follow this message, and
	                            sigcomp_confirm will tell              */
	SIGCOMP_RELIABLE = 2,  /**< Stream: arrives, and in order (but see
	                            sigcomp_other_stream)                  */
	SIGCOMP_AGAIN    = 4,  /**< Retransmission of a message sent before */
	SIGCOMP_SHARE    = 8,  /**< RFC 3321 s5.2 is agreed with the peer,
	                            for all messages of both sides         */
	SIGCOMP_FOLLOWED = 16, /**< Some message of the peer will follow;
	                            only returned feedback in it can tell
	                            that this one has arrived             */
};

/**
 * Compress one message. Never writes more than text_len - 1 bytes for a
 * datagram (else: ENOTSUP). A retransmission is compressed again (RFC 5049
 * s8) with the flag SIGCOMP_AGAIN.
 *
 * @param sc      Endpoint
 * @param comp    Compartment of the peer
 * @param out     SigComp message; on a stream still to be marked
 * @param size    Its capacity
 * @param np      Set to the bytes written
 * @param handle  Set to this message's handle (for sigcomp_confirm). With
 *                SIGCOMP_AGAIN, before: that of the last copy; 0: none
 * @param text    Message; must not be inside the endpoint's storage
 * @param flags   SIGCOMP_ANSWERED | ...
 *
 * @return 0; ENOTSUP: send it plain (on a stream this does not happen: then
 *         the well-known bytecode of RFC 4896 s11 is used); EPROTO: a
 *         received message waits for accept or discard; EOVERFLOW; EINVAL;
 *         ENOMEM: codec memory or work area is smaller than the codec needs;
 *         EIO: SHA-1 failed, and states are made anew from then on
 */
int sigcomp_compress(struct sigcomp *sc, struct sigcomp_compartment *comp,
		     uint8_t *out, size_t size, size_t *np, uint32_t *handle,
		     const uint8_t *text, size_t text_len, unsigned flags);

/**
 * An accepted answer shows that exactly this message has arrived. Do not
 * call it when more than one copy had been sent.
 *
 * @param handle Of sigcomp_compress; unknown or old ones are ignored
 */
void sigcomp_confirm(struct sigcomp_compartment *comp, uint32_t handle);

/**
 * The next message goes over another stream than the one before it, or over
 * a stream after datagrams: it may overtake what was sent before. From now on
 * states of this compartment are referenced when they are known to have
 * arrived, as with datagrams, also within one stream.
 */
void sigcomp_other_stream(struct sigcomp_compartment *comp);

/**
 * A stream broke, or did not take a message that was compressed for it: what
 * was sent may not have arrived. No state is referenced until a later message
 * has made it again.
 */
void sigcomp_forget(struct sigcomp_compartment *comp);

/* -- stream transport (RFC 3320 s4.2.2) ---------------------------------- */

/** Record marking removed as bytes arrive */
struct sigcomp_stream {
	uint8_t *buf;       /* one message, un-escaped */
	size_t size;
	size_t len;
	size_t before;      /* bytes of the message that the caller has taken
			       out of buf already, len being 0 again */
	uint8_t quoted;     /* bytes still to be taken literally */
	bool ff;            /* an FF has been seen */
	bool done;          /* buf holds a complete message */
	bool dead;
};

/** Start a stream. buf holds one whole message, dms / 2 is the usual size */
void sigcomp_stream_init(struct sigcomp_stream *st, uint8_t *buf, size_t size);

/**
 * Feed received bytes, in pieces of any length.
 *
 * @param st    Stream
 * @param msg   Set to the next message, in the stream's buffer, valid until
 *              the next call
 * @param len   Set to its length
 * @param data  Bytes received
 * @param n     Their number
 * @param used  Set to the number taken (call again with the rest)
 *
 * @return 0: a message; EAGAIN: all taken, no message yet; EBADMSG: reserved
 *         FF 80..FF FE; EOVERFLOW: message longer than the buffer. After
 *         the last two the stream is to be closed (s4.2.2); every further
 *         call returns EBADMSG. *used is written always.
 */
int sigcomp_stream_feed(struct sigcomp_stream *st, const uint8_t **msg,
			size_t *len, const uint8_t *data, size_t n,
			size_t *used);

/**
 * Add record marking to a message for sending
 *
 * @param out  Marked message; must not overlap msg
 * @param size Its capacity; 2 * n + 2 always suffice
 *
 * @return 0, EOVERFLOW
 */
int sigcomp_stream_mark(uint8_t *out, size_t size, size_t *np,
			const uint8_t *msg, size_t n);

#endif
