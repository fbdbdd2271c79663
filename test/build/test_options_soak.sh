#!/bin/sh
# class: soak
# needs: gcc
# Each build option of docs/config.md: the unit tests are built without what it
# leaves out, or with what it adds, and pass.
set -u
cd "$(dirname "$0")/../.." || exit 1

. test/tools/try.sh

for option in UE_SIGCOMP=0 UE_IPSEC=0 IPSEC_MD5=0 IPSEC_3DES=0 IPSEC_GCM=0 \
	SIGCOMP_PRESENCE=1 SIGCOMP_SHARED=0 UE_INITIATE=0
do
	try "$option: the unit tests build" \
		make BUILD=build/option CFLAGS="-g -D$option" unit
	try "$option: the unit tests pass" build/option/host/unit -q
done
rm -rf build/option

tried
