/**
 * @file nv_slots.h  Non-volatile values in two slots of flash
 *
 * All values are written together, alternately to two slots, with a counter
 * and a check sum in each. After a power cut at any octet of a write the
 * other slot is still whole, so the old or the new values are read, never a
 * mixture.
 */
#ifndef PORT_NV_SLOTS_H
#define PORT_NV_SLOTS_H

#include <stddef.h>
#include <stdint.h>

#ifdef UE_CONFIG_FILE
#include UE_CONFIG_FILE
#endif

/** Octets of all values with their names and lengths; 64..4096; cost 1 */
#ifndef NV_SLOTS_SIZE
#define NV_SLOTS_SIZE 1024
#endif

#if NV_SLOTS_SIZE < 64 || NV_SLOTS_SIZE > 4096
#error "NV_SLOTS_SIZE: 64..4096"
#endif

/** Longest name */
#define NV_SLOTS_KEY 15

/** Read or write a whole slot.  What a cut write has left is read, whatever it
 *  is.  @return 0; EIO */
typedef int (nv_slots_read_h)(void *arg, unsigned slot, void *buf,
			      size_t len);
typedef int (nv_slots_write_h)(void *arg, unsigned slot, const void *buf,
			       size_t len);

/** What a slot holds */
struct nv_slot {
	uint32_t sum;           /**< over all that follows               */
	uint32_t count;         /**< of writes: the higher one is newer  */
	uint8_t data[NV_SLOTS_SIZE];    /**< key length, key, value length
				 *   (two octets), value, ...; ends with 0 */
};

struct nv_slots {
	nv_slots_read_h *readh;
	nv_slots_write_h *writeh;
	void *arg;
	unsigned next;          /**< slot of the next write              */
	struct nv_slot slot;    /**< the values                          */
	struct nv_slot other;   /**< while reading, and if a write fails */
};

/**
 * Read what there is
 *
 * @param nv      Overwritten
 * @param readh   Read a slot; kept
 * @param writeh  Write a slot; kept
 * @param arg     Of both; kept
 *
 * @return 0, also when neither slot was ever written to, or the first write
 *         was cut; EIO one cannot be read, and it may be the newer one;
 *         EBADMSG both were written to and neither is whole, which no power
 *         cut does: the values are lost, and only erasing a slot on purpose
 *         (all ones, or all zeros) begins anew
 */
int nv_slots_open(struct nv_slots *nv, nv_slots_read_h *readh,
		  nv_slots_write_h *writeh, void *arg);

/** As struct ue_port.nv_read and nv_write.  ENOSPC: NV_SLOTS_SIZE */
int nv_slots_read(const struct nv_slots *nv, const char *key, void *buf,
		  size_t *len);
int nv_slots_write(struct nv_slots *nv, const char *key, const void *buf,
		   size_t len);

#endif
