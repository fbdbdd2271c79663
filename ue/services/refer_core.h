/**
 * @file refer_core.h  What the two roles of REFER call of each other; private
 */
#ifndef REFER_CORE_H
#define REFER_CORE_H

#include "ue/services/refer.h"

/** A free dialog of the table; NULL: none */
struct sip_dialog *refers_dialog(struct refers *rs);

/** Forget the REFERs to us in this dialog; NULL: all */
void referred_close(struct refers *rs, const struct sip_dialog *dlg);

/** RFC 4488 4: Refer-Sub: false */
bool refer_sub_false(const struct sip_msg *msg);

#endif
