# The C stack, as hosts of Emscripten's modules ask for it.
	.globaltype	__stack_pointer, i32
	.functype	aoxide_place (i32) -> (i32)

	.globl	emscripten_stack_get_current
	.export_name	emscripten_stack_get_current, emscripten_stack_get_current
	.type	emscripten_stack_get_current,@function
emscripten_stack_get_current:
	.functype	emscripten_stack_get_current () -> (i32)
	global.get	__stack_pointer
	end_function

	.globl	_emscripten_stack_restore
	.export_name	_emscripten_stack_restore, _emscripten_stack_restore
	.type	_emscripten_stack_restore,@function
_emscripten_stack_restore:
	.functype	_emscripten_stack_restore (i32) -> ()
	local.get	0
	global.set	__stack_pointer
	end_function

# A host places the texts of a message here. The stack is small, so long ones go to the heap; `handle` frees them.
	.globl	_emscripten_stack_alloc
	.export_name	_emscripten_stack_alloc, _emscripten_stack_alloc
	.type	_emscripten_stack_alloc,@function
_emscripten_stack_alloc:
	.functype	_emscripten_stack_alloc (i32) -> (i32)
	block
	local.get	0
	i32.const	4096
	i32.gt_u
	br_if	0
	global.get	__stack_pointer
	local.get	0
	i32.sub
	i32.const	-16
	i32.and
	local.tee	0
	global.set	__stack_pointer
	local.get	0
	return
	end_block
	local.get	0
	call	aoxide_place
	end_function
