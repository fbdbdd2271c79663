/**
 * @file codec.h  The seam between SigComp policy and a compressor ("codec")
 *
 * The library decides what may be referenced, what may be saved and what
 * must be returned to the peer; a codec turns one text into one SigComp
 * message with that. A codec keeps no state outside the memory handed to it.
 *
 * The peer's state memory is tracked by the library in "slots": a slot is a
 * state item this compartment's compressor has asked the peer to create.
 * The codec keeps what it needs to know of that state's content (a shadow
 * copy) in its own memory under the slot's number.
 */
#ifndef SIGCOMP_CODEC_H
#define SIGCOMP_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sigcomp/sigcomp_config.h"

enum {
	SIGCOMP_ID_LEN = 20,     /* RFC 3320 s3.3.3: state_identifier */
	SIGCOMP_ITEM_MAX = 128,  /* RFC 3320 s7.1: returned feedback item */
	SIGCOMP_STATE_COST = 64,        /* RFC 3320 s6.2: with each state */
};

/** A state item at the peer, as far as a codec has to know it */
struct sigcomp_slot {
	uint8_t id[SIGCOMP_ID_LEN];  /**< state_identifier                 */
	uint16_t len;                /**< state_length                     */
	uint16_t prio;               /**< state_retention_priority         */
	bool usable;                 /**< The peer certainly has it now    */
};

/** What the peer is known to offer (defaults of RFC 5049 until learnt) */
struct sigcomp_peer {
	uint32_t dms;       /**< decompression_memory_size, bytes          */
	uint32_t sms;       /**< state_memory_size the compressor may use  */
	uint8_t cpb;        /**< cycles_per_bit: 16, 32, 64, 128           */
	uint8_t version;    /**< SigComp_version                           */
	bool dictionary;    /**< RFC 3485 dictionary can be accessed       */
};

/** How far a message may lean on what the peer holds (NACK steps down) */
enum sigcomp_level {
	SIGCOMP_LEVEL_FULL = 0,  /**< Usable slots and dictionary          */
	SIGCOMP_LEVEL_SELF,      /**< Upload; dictionary yes, no slot used
	                              (slots are unusable then), may save  */
	SIGCOMP_LEVEL_ALONE,     /**< Upload, no state and no dictionary,
	                              nothing saved                        */
	SIGCOMP_LEVEL_PLAIN,     /**< The codec is not called              */
};

/** One state creation the message asks the peer for */
struct sigcomp_save {
	uint8_t id[SIGCOMP_ID_LEN];
	uint16_t len;
	uint16_t prio;      /**< 0..65534                                  */
	uint8_t slot;       /**< Slot it goes into; what was there is lost */
};

/** One compression job; the first part is input, the last part output */
struct sigcomp_job {
	const uint8_t *text;       /**< Application message                */
	size_t text_len;

	uint8_t *out;              /**< The SigComp message goes here      */
	size_t out_size;           /**< Capacity; for a datagram already
	                                cut to text_len - 1: no expansion  */

	void *mem;                 /**< Codec memory of this compartment:
	                                all zero after reset, otherwise as
	                                the codec left it; 8-byte aligned  */
	size_t mem_size;
	void *work;                /**< Scratch, content undefined, shared
	                                with the idle UDVM memory; 8-byte
	                                aligned                            */
	size_t work_size;

	struct sigcomp_peer peer;
	enum sigcomp_level level;  /**< Never PLAIN here                   */
	const struct sigcomp_slot *slot;  /**< SIGCOMP_SLOTS entries       */
	bool stream;               /**< UDVM memory at the peer is dms / 2,
	                                else dms - length of this message
	                                (RFC 3320 s7), at most 65536       */
	bool may_save;             /**< States may be created: it will be
	                                learnt whether the message arrived */
	uint8_t tag;               /**< Number to request as feedback item
	                                (0x81, tag) when something is saved.
	                                A codec may set another one that is
	                                not in taken[]                     */
	uint8_t taken[SIGCOMP_SLOTS + 3];  /**< Numbers still in use       */
	uint8_t taken_n;
	bool lossy;                /**< Messages got lost lately: each one
	                                that saves costs dearly then       */
	uint8_t param[2];          /**< Returned SigComp parameters, RFC
	                                3320 s9.4.9: sizes, version        */
	const uint8_t *item;       /**< Returned feedback item for the
	                                header, item_len 0: T = 0          */
	uint8_t item_len;

	/* RFC 3321 s5.2 shared compression: the peer's last message that it
	   saved itself; heard_len 0: none. */
	const uint8_t *heard_id;   /**< shared_state_id, 20 bytes          */
	uint16_t heard_len;        /**< Its text was given to heard()      */
	bool may_share;            /**< text may be announced as a shared
	                                state of ours (set `shared`); the
	                                library then makes it locally, if it
	                                pushes nothing out. Such states give
	                                way when the peer saves (RFC 4896
	                                s10.3.3): a codec may leave room    */

	/* Output. Means something only when the codec returns 0. */
	size_t out_len;
	uint8_t saves;             /**< Entries used in save[]: every state
	                                the message asks to create, also one
	                                that is there already (it becomes as
	                                good as new, RFC 4896 s6)           */
	struct sigcomp_save save[2];
	uint8_t used;              /**< Bit n: slot n was referenced       */
	uint8_t frees;             /**< Bit n: STATE-FREE of slot n, if this
	                                message arrives                    */
	bool tagged;               /**< tag is requested in the message    */
	bool shared;               /**< The message announces text as shared
	                                state (address, instruction 0,
	                                minimum_access_length 6)           */
};

struct sigcomp_codec {
	const char *name;

	/** Bytes of codec memory needed for a peer with state memory sms */
	size_t (*mem_size)(uint32_t sms);

	/** Bytes of work area needed; it may lie over the DMS bytes of the
	    idle UDVM memory */
	size_t (*work_size)(uint32_t dms, uint32_t sms);

	/**
	 * Make one SigComp message.
	 *
	 * On success the codec's memory holds the shadows of save[] under
	 * their slots. On any error it holds those it has held before.
	 * A retransmission is simply a new job.
	 *
	 * The library guarantees: usable slots are present at the peer when
	 * this message arrives, whether or not messages sent in between
	 * arrived; with may_save, saves that fit peer.sms (sum of len + 64
	 * over them) are kept. Creating them may push out others: by
	 * priority, then by age (RFC 3320 s6.2); the library follows that
	 * and clears `usable` from then on, until it is known.
	 *
	 * @return 0, EOVERFLOW (does not fit out_size or the peer's memory:
	 *         the library steps down), ENOMEM (mem or work too small),
	 *         ENOTSUP (cannot at this level: the library steps down)
	 */
	int (*compress)(struct sigcomp_job *job);

	/**
	 * A message of the peer was accepted that is available there as
	 * shared state. NULL: no shared compression. Keeps a copy.
	 */
	void (*heard)(void *mem, size_t mem_size, const uint8_t *text,
		      size_t len);
};


/* -- helpers for codecs -------------------------------------------------- */

/**
 * Begin the message with a reference to a state (RFC 3320 s7.2)
 *
 * @param job    Job; takes T bit and returned feedback item from it
 * @param pos    Set to the number of bytes written
 * @param id     state_identifier
 * @param id_len 6, 9 or 12
 *
 * @return 0, EINVAL, EOVERFLOW
 */
int sigcomp_put_reference(const struct sigcomp_job *job, size_t *pos,
			  const uint8_t *id, size_t id_len);

/**
 * Begin the message with bytecode (RFC 3320 s7.3)
 *
 * @param code     Bytecode
 * @param code_len 1..4095
 * @param dest     Destination address: 128, 192, ... 1024
 *
 * @return 0, EINVAL, EOVERFLOW
 */
int sigcomp_put_bytecode(const struct sigcomp_job *job, size_t *pos,
			 const uint8_t *code, size_t code_len, uint16_t dest);

/** Piece of a state_value, for sigcomp_state_id */
struct sigcomp_piece {
	const uint8_t *p;
	size_t len;
};

/**
 * state_identifier over the concatenated pieces (RFC 3320 s9.4.9)
 *
 * @return 0, EINVAL (more than 65535 bytes), EIO (SHA-1 failed)
 */
int sigcomp_state_id(uint8_t id[SIGCOMP_ID_LEN], uint16_t addr,
		     uint16_t instr, uint16_t minacc,
		     const struct sigcomp_piece *piece, unsigned n);

/** RFC 3485: dictionary, a locally available state of everybody */
enum { SIGCOMP_DICTIONARY_LEN = 4836 };
extern const uint8_t sigcomp_dictionary_id[SIGCOMP_ID_LEN];

/** Unpack part of it: pos + len is at most SIGCOMP_DICTIONARY_LEN */
void sigcomp_dictionary_read(uint8_t *dst, uint32_t pos, uint32_t len);

/** RFC 5112: presence dictionary, only if SIGCOMP_PRESENCE is 1; a peer has
    it if it says so */
enum { SIGCOMP_PRESENCE_LEN = 0x0d93 };
extern const uint8_t sigcomp_presence[SIGCOMP_PRESENCE_LEN];
extern const uint8_t sigcomp_presence_id[SIGCOMP_ID_LEN];

#endif
