# UDVM assembly becomes C arrays: bytecode/<name>.asm -> gen/<name>_code.h
ASM_SRC := $(wildcard sigcomp/bytecode/*.asm)
sigcomp_GEN += $(ASM_SRC:sigcomp/bytecode/%.asm=$(GEN)/%_code.h)

$(GEN)/%_code.h: sigcomp/bytecode/%.asm sigcomp/bytecode/udvmasm.py
	$(call say,UDVMASM,$@) mkdir -p $(@D) && $(PYTHON) \
		sigcomp/bytecode/udvmasm.py $< \
		$(shell echo $* | tr a-z A-Z) $@
