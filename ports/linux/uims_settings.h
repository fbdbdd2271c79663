/**
 * @file uims_settings.h  Settings of the uims program: those of every port
 *                        (ports/common/settings.h) and those of Linux
 */
#ifndef UIMS_SETTINGS_H
#define UIMS_SETTINGS_H

#include "ports/common/settings.h"
#include "ports/linux/esp.h"
#include "ports/linux/transfer.h"
#include "ports/linux/usim.h"

struct uims_settings {
	struct settings set;
	enum linux_usim_kind usim_kind;
	const char *usim_name;          /**< reader or device            */
	const char *store;              /**< NV file, NULL = none        */
	const char *folder;             /**< for files, NULL = not kept  */
	const char *share;              /**< that others may fetch       */
	enum transfer_mode files;
	const char *dns;                /**< name server, NULL = system  */
	enum linux_esp_mode esp;
};

void uims_settings_init(struct uims_settings *us);

/** A file of `key value` lines.  @return 0; EINVAL: us->set.error names file
 *  and line */
int  uims_settings_read_file(struct uims_settings *us, const char *path);

#endif
