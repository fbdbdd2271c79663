/**
 * @file store.h  Messages kept for retransmission, in chains of small blocks
 *
 * A message takes as many blocks as it needs, so that ten short messages and
 * one long one cost the same memory.  Nothing is ever moved; a message is
 * all in or not in at all.
 */
#ifndef SIP_STORE_H
#define SIP_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "ue/ue_config.h"

/** A stored message; zero-initialised = none.  Its owner's, who must not
 *  copy it */
struct sip_stored {
	uint16_t len;           /**< octets                              */
	uint8_t head;           /**< 1 + first block, 0 = none           */
};

struct sip_store {
	uint32_t failed;                /**< messages that did not fit   */
	uint8_t used;                   /**< blocks taken now            */
	uint8_t peak;                   /**< most blocks ever taken      */
	uint8_t free;                   /**< 1 + first free block        */
	uint8_t next[UE_SIP_BLOCKS];    /**< 1 + next block, 0 = last    */
	char blockv[UE_SIP_BLOCKS][UE_SIP_BLOCK_SIZE];
};

/** Reads a stored message in order; lives as long as the message */
struct sip_store_reader {
	const struct sip_store *st;
	uint16_t left;
	uint8_t block;          /**< 1 + block, 0 = at the end           */
	uint16_t pos;
};

void sip_store_init(struct sip_store *st);

/**
 * Keep a message
 *
 * @param m     Result; a message that it holds is given back first
 * @param st    Store
 * @param data  Octets; must not be in the store
 * @param len   1..65535
 *
 * @return 0; ENOMEM (m then holds no message, counted in st->failed)
 */
int  sip_store_put(struct sip_stored *m, struct sip_store *st,
		   const void *data, size_t len);

/**
 * Copy a message out
 *
 * @param buf   Result
 * @param size  Its size, at least m->len
 *
 * @return Length; 0: there is none, or buf is too small
 */
size_t sip_store_get(void *buf, size_t size, const struct sip_store *st,
		     const struct sip_stored *m);

/** Give a message back; nothing happens where there is none */
void sip_store_free(struct sip_store *st, struct sip_stored *m);

void sip_store_reader_init(struct sip_store_reader *r,
			   const struct sip_store *st,
			   const struct sip_stored *m);

/**
 * Read one line, with its line end
 *
 * @param buf   Result
 * @param size  Its size
 * @param r     Reader
 *
 * @return Length; 0: the message has ended, or the line is longer than size
 *         (nothing more can be read then)
 */
size_t sip_store_line(char *buf, size_t size, struct sip_store_reader *r);

#endif
