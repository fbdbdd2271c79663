/**
 * @file milenage.h  The Milenage algorithm set f1..f5* (TS 35.206)
 */
#ifndef MILENAGE_H
#define MILENAGE_H

#include <stdint.h>

/** Outputs of one run; the caller wipes it */
struct milenage {
	uint8_t mac_a[8];       /**< f1                                  */
	uint8_t mac_s[8];       /**< f1*                                 */
	uint8_t res[8];         /**< f2                                  */
	uint8_t ck[16];         /**< f3                                  */
	uint8_t ik[16];         /**< f4                                  */
	uint8_t ak[6];          /**< f5                                  */
	uint8_t ak_s[6];        /**< f5*                                 */
};

/* All return 0, or EIO where AES fails: then outputs are not to be used */

/** OPc from OP (TS 35.206 4.1); written only on success */
int  milenage_opc(uint8_t opc[16], const uint8_t k[16],
		  const uint8_t op[16]);

/** f1 and f1*: the MACs over SQN and AMF */
int  milenage_f1(struct milenage *m, const uint8_t k[16],
		 const uint8_t opc[16], const uint8_t rand[16],
		 const uint8_t sqn[6], const uint8_t amf[2]);

/** f2, f3, f4, f5 and f5*: what depends on RAND alone */
int  milenage_f2345(struct milenage *m, const uint8_t k[16],
		    const uint8_t opc[16], const uint8_t rand[16]);

#endif
