--- What a worker's slot remembers of its last claim: nonce, instant, and per part of the call a line of ids and attempts.

local function slotField(worker, slot) return worker .. '#' .. slot end

local function isOfNonce(stored, nonce) return stored and string.sub(stored, 1, #nonce + 1) == nonce .. ' ' end

local function memoryOf(nonce, at, parts) return nonce .. ' ' .. at .. '\n' .. parts end
