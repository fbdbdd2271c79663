/**
 * @file refer_core.h  What the two roles of REFER call of each other; private
 */
#ifndef REFER_CORE_H
#define REFER_CORE_H

#include "ue/services/refer.h"

/** A free dialog of the table; NULL: none */
struct sip_dialog *refers_dialog(struct refers *rs);

/** A dialog of the table goes with the last one in it */
void refers_sweep(struct refers *rs);

/** The REFERs to us in this dialog go on in the other; NULL: forget them.
 *  dlg NULL: all */
void referred_close(struct refers *rs, const struct sip_dialog *dlg,
		    struct sip_dialog *own);

/** RFC 4488 4: Refer-Sub: false */
bool refer_sub_false(const struct sip_msg *msg);

#endif
