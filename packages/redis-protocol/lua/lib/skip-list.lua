--- Servers keep a sorted set of up to 128 short members as a list that they search from its beginning: with a hundred that run, finding the places
--- of another hundred takes longer than all else that is done about them. A set that had one long member is a skip list until it is empty, or the server
--- starts anew, so many that enter at once bring one with them: where a script knows that there was none before, and with each mark.
--- @use clock

--- So many are many, each with its score.
local MANY = 32
--- Longer than what is kept in such a list.
local LONG_MEMBER = '-----------------------------------------------------------------'

local function becomesSkipList(entries, isNew) return #entries >= MANY and (isNew or IS_MARK_DUE) end
