// Every guard of the contracts, and what the code is without it. `find` occurs once in its file.

const accountBook = [
  ['pause of transfers', 'if (_config & PAUSED_BIT != 0) revert TokenPaused();', ''],
  ['frozen sender', 'if (word & FROZEN_BIT != 0) revert AccountFrozen(from);', ''],
  ['frozen receiver', 'if (word & FROZEN_BIT != 0) revert AccountFrozen(to);', ''],
  ['balance', 'if (balance < value) revert InsufficientBalance(from, balance, value);', ''],
  [
    'allowance',
    'if (allowed < value) revert InsufficientAllowance(msg.sender, allowed, value);',
    '',
  ],
  ['allowance runs down', '= allowed - value;', '= allowed;'],
  ['zero address is frozen', '_accounts[address(0)] = FROZEN_BIT;', ''],
  ['the token is frozen', '_accounts[address(this)] = FROZEN_BIT;', ''],
]

const OWNER_CALLS = [
  'transferOwnership(address to)',
  'setPauser(address account)',
  'setFreezer(address account)',
  'setSettler(address account, uint96 dailyLimit)',
  'setMinter(address account, uint96 allowance_, uint96 dailyLimit)',
  'setFeeRecipient(address account)',
  'setFeeCap(uint16 basisPoints)',
  'setSupplyCap(uint96 cap)',
  'unpause()',
]

const roles = [
  ...OWNER_CALLS.map((call) => [
    `owner of ${call}`,
    `function ${call} external onlyOwner {`,
    `function ${call} external {`,
  ]),
  [
    'acceptance by the named owner',
    'if (msg.sender != pendingOwner) revert NotAllowed(msg.sender);',
    '',
  ],
  ['acceptance clears the name', 'pendingOwner = address(0);', ''],
  ['pauser', 'if (msg.sender != pauser) revert NotAllowed(msg.sender);', ''],
  ['freezer', 'if (msg.sender != freezer) revert NotAllowed(msg.sender);', ''],
  ['case id', 'if (caseId == 0) revert CaseIdMissing();', ''],
  [
    'zero address stays frozen',
    'account == address(0) || account == address(this)',
    'account == address(this)',
  ],
  ['the token stays frozen', '|| account == address(this) ||', '||'],
  ['fee recipient stays free', ' || account == address(uint160(_config))', ''],
  [
    'pause of mint',
    'uint96 value) external whenNotPaused {\n        _spendMinter',
    'uint96 value) external {\n        _spendMinter',
  ],
  [
    'pause of burn',
    'function burn(uint96 value) external whenNotPaused',
    'function burn(uint96 value) external',
  ],
  [
    'minter of burn',
    'if (_minters[msg.sender].dailyLimit == 0) revert NotAllowed(msg.sender);',
    '',
  ],
  ['minter of mint', 'if (minter.dailyLimit == 0) revert NotAllowed(msg.sender);', ''],
  [
    'minter allowance',
    'if (minter.allowance < value) revert MinterAllowanceExceeded(minter.allowance, value);',
    '',
  ],
  ['minter allowance runs down', 'minter.allowance -= value;', ''],
  [
    'minter bucket',
    'if (available < value) revert MinterDailyLimitExceeded(available, value);',
    '',
  ],
  [
    'minter bucket has a size',
    'refilled < minter.dailyLimit ? refilled : minter.dailyLimit',
    'refilled',
  ],
  ['minter bucket runs down', 'minter.level = uint96(available - value);', ''],
  ['minter bucket refills once', 'minter.updatedAt = uint40(block.timestamp);', ''],
  ['supply cap', 'if (supply > _supplyCap) revert SupplyCapExceeded(_supplyCap, supply);', ''],
  ['supply counts mints', '_supply = uint96(supply);', ''],
  ['supply counts burns', '_supply -= value;', ''],
  ['supply cap above supply', 'if (cap < _supply) revert SupplyCapBelowSupply(cap, _supply);', ''],
  [
    'fee cap has a cap',
    'if (basisPoints > HIGHEST_FEE_CAP_BASIS_POINTS) revert FeeCapTooHigh(basisPoints);',
    '',
  ],
  ['fee recipient is not zero', 'if (account == address(0)) revert ZeroAddress();', ''],
  [
    'fee recipient is not frozen',
    'if (_accounts[account] & FROZEN_BIT != 0) revert AccountFrozen(account);',
    '',
  ],
  ['settler limit', 'if (won > available) revert SettlerDailyLimitExceeded(available, won);', ''],
  ['settler limit adds up', 'limit | (spent + won) << 96', 'limit | won << 96'],
  ['settler limit ends with the day', 'uint32(word >> 192) == day ?', 'true ?'],
  ['settler limit starts with the day', 'uint32(word >> 192) == day ? uint96(word >> 96) : 0', '0'],
  ['settler keeps its day', '_settlers[account] >> 96 << 96 | dailyLimit', 'dailyLimit'],
]

const authorisations = [
  ['permit deadline', 'if (block.timestamp > deadline) revert SignatureExpired(deadline);', ''],
  ['permit nonce', 'nonces[owner_]++', 'nonces[owner_]'],
  ['permit signer', '_requireSigner(owner_, hash, v, r, s);', ''],
  [
    'transfer times',
    '_requireInTime(validAfter, validBefore);\n        bytes32 hash = keccak256(\n            abi.encode(TRANSFER',
    'bytes32 hash = keccak256(\n            abi.encode(TRANSFER',
  ],
  [
    'receive times',
    '_requireInTime(validAfter, validBefore); bytes32 hash = keccak256(abi.encode(RECEIVE',
    'bytes32 hash = keccak256(abi.encode(RECEIVE',
  ],
  ['payee', 'if (to != msg.sender) revert CallerMustBePayee(msg.sender);', ''],
  ['cancel signer', '_requireSigner(authorizer, hash, v, r, s);', ''],
  [
    'valid after',
    'if (block.timestamp <= validAfter) revert AuthorizationNotYetValid(validAfter);',
    '',
  ],
  ['valid after is strict', 'block.timestamp <= validAfter', 'block.timestamp < validAfter'],
  [
    'valid before',
    'if (block.timestamp >= validBefore) revert AuthorizationExpired(validBefore);',
    '',
  ],
  ['valid before is strict', 'block.timestamp >= validBefore', 'block.timestamp > validBefore'],
  [
    'authorisation nonce',
    'if (bits & bit != 0) revert AuthorizationUsedOrCanceled(authorizer, nonce);',
    '',
  ],
  ['authorisation nonce is kept', '= bits | bit;', '= bits;'],
  ['low s', 'if (uint256(s) > HIGHEST_S) return address(0);', ''],
  [
    'recovered signer is somebody',
    'recovered == address(0) || recovered != signer',
    'recovered != signer',
  ],
  ['recovered signer is the owner', ' || recovered != signer', ''],
  ['chain id in the domain', 'block.chainid, address(this)));', 'uint256(0), address(this)));'],
  ['token in the domain', 'block.chainid, address(this)));', 'block.chainid, address(0)));'],
]

const settlement = [
  ['pause of settlement', 'if (settings & PAUSED_BIT != 0) revert TokenPaused();', ''],
  ['settler', 'if (uint96(settler) == 0) revert NotAllowed(msg.sender);', ''],
  ['settlement counts against the limit', 'if (won != 0) _spendSettler(settler, won);', ''],
  ['fee reaches its recipient', '_accounts[address(uint160(settings))] += fee;', ''],
  [
    'fee cap',
    'if (feeBasisPoints > uint16(settings >> FEE_CAP_SHIFT)) revert FeeAboveCap(feeBasisPoints);',
    '',
  ],
  ['end of the batch', 'if (itemsEnd > end) revert MalformedBatch();', ''],
  ['frozen merchant', 'if (_accounts[merchant] & FROZEN_BIT != 0) {', 'if (false) {'],
  ['fee leaves the merchant', '+= credit - fee;', '+= credit;'],
  ['merchant is signed', 'mstore(add(buffer, 0x20), merchant)', ''],
  ['amount is signed', 'mstore(add(buffer, 0x40), shr(192, terms))', ''],
  ['nonce is signed', 'mstore(add(buffer, 0x60), and(shr(144, terms), 0xffffffffffff))', ''],
  ['expiry is signed', 'mstore(add(buffer, 0x80), and(shr(112, terms), 0xffffffff))', ''],
  ['invoice is signed', 'mstore(add(buffer, 0xa0), invoice)', ''],
  ['expiry', 'block.timestamp >= uint32(terms >> 112)', 'false'],
  [
    'expiry is strict',
    'block.timestamp >= uint32(terms >> 112)',
    'block.timestamp > uint32(terms >> 112)',
  ],
  ['zero amount', 'amount == 0', 'false'],
  ['signer is somebody', 'payer == address(0) ? 2 : _take', '_take'],
  ['low s', 'if iszero(gt(s, HIGHEST_S)) {', 'if 1 {'],
  ['no signer left from before', 'mstore(0x00, 0)\n', ''],
  ['frozen payer', 'if (word & FROZEN_BIT != 0) return 3;', ''],
  ['replay', 'if (word & bit != 0) return 5;', ''],
  ['nonce is used up', 'word |= bit;', ''],
  ['nonce below or far beyond the window', 'if (ahead > FURTHEST_NONCE) return 5;', ''],
  ['window slides', '(base + slide) << BASE_SHIFT', 'base << BASE_SHIFT'],
  ['slid nonce is used up', ' | 1 << (WINDOW_BITS - 1)', ''],
  ['funds', 'if (uint96(word) < won) return 4;', ''],
  ['funds to the last won', 'uint96(word) < won', 'uint96(word) <= won'],
]

const refunds = [
  [
    'registration deadline',
    'if (block.timestamp > deadline) revert SignatureExpired(deadline);',
    '',
  ],
  ['registration nonce', 'nonces[merchant]++', 'nonces[merchant]'],
  ['registration signer', '_requireSigner(merchant, hash, v, r, s);', ''],
  [
    'pause of refunds',
    'function refundBatch(bytes calldata batch) external whenNotPaused',
    'function refundBatch(bytes calldata batch) external',
  ],
  [
    'settler of refunds',
    'if (uint96(_settlers[msg.sender]) == 0) revert NotAllowed(msg.sender);',
    '',
  ],
  ['end of the batch', 'if (itemsEnd > end) revert MalformedBatch();', ''],
  ['registration keeps the day', '_refundKeys[merchant] >> 200 << 200;', '0;'],
  ['limit counts the day', 'key >> 240 == day ? uint40(key >> 200) : 0', '0'],
  ['limit ends with the day', 'key >> 240 == day ?', 'true ?'],
  ['limit is shared by a group', 'left - total', 'left'],
  ['funds are shared by a group', 'word - total', 'word'],
  ['refund leaves the merchant', '_accounts[merchant] -= total;', ''],
  ['limit is kept', '(spent + total) << 200', 'spent << 200'],
  ['refunded sum is kept', 'refundedOf[payment] = refunded;', ''],
  ['frozen merchant', 'if (word & FROZEN_BIT != 0) return (6, payer, payment);', ''],
  ['refund expiry', 'if (block.timestamp >= uint32(refund >> 96)) return (1, payer, payment);', ''],
  ['zero amount', 'if (won == 0) return (7, payer, payment);', ''],
  ['payer is somebody', 'if (payer == address(0)) return (2, payer, payment);', ''],
  ['frozen payer', 'if (payerWord & FROZEN_BIT != 0) return (3, payer, payment);', ''],
  [
    'payment is consumed',
    'if (!_isConsumed(payerWord, uint48(terms >> 144))) return (10, payer, payment);',
    '',
  ],
  ['refund replay', 'if (refundedOf[payment] != before) return (5, payer, payment);', ''],
  ['sum within the payment', 'if (before + won > terms >> 192) return (9, payer, payment);', ''],
  ['refund key is somebody', 'signer == address(0) || signer', 'signer'],
  ['refund key', ' || signer != address(uint160(key))', ''],
  ['refund limit', 'if (won > left) return (11, payer, payment);', ''],
  ['merchant funds', 'if (won > uint96(word)) return (4, payer, payment);', ''],
  ['low s', 'if iszero(gt(s, HIGHEST_S)) {', 'if 1 {'],
  ['nonces below the window count', 'nonce < base || ahead < WINDOW_BITS', 'ahead < WINDOW_BITS'],
  ['nonces beyond the window do not', 'ahead < WINDOW_BITS && ', ''],
]

const token = [
  ['set-up happens once', 'if (_deploymentBlock != 0) revert AlreadySetUp();', ''],
  [
    'set-up by the creator',
    'function setUp(SetUp calldata settings) external onlyOwner',
    'function setUp(SetUp calldata settings) external',
  ],
  ['set-up names an owner', 'if (settings.owner == address(0)) revert ZeroAddress();', ''],
  ['set-up hands over', 'owner = settings.owner;', ''],
  [
    'receiver accepts',
    'if (answer != IKIP7Receiver.onKIP7Received.selector) revert ReceiverRefused(to);',
    '',
  ],
]

const factory = [
  ['caller is part of the address', 'abi.encode(msg.sender, salt)', 'abi.encode(salt)'],
  ['creation happened', 'if (created == address(0)) revert CreationFailed();', ''],
  ['set-up succeeded', 'if (!done) {', 'if (false) {'],
]

/** Each as file, guard, text with the guard, text without it. */
export const CONTRACT_MUTANTS = Object.entries({
  AccountBook: accountBook,
  Roles: roles,
  Authorisations: authorisations,
  Settlement: settlement,
  Refunds: refunds,
  KRWToken: token,
  BaroFactory: factory,
}).flatMap(([contract, guards]) =>
  guards.map(([guard, find, replace]) => ({
    name: `${contract}: ${guard}`,
    path: `contracts/src/${contract}.sol`,
    find,
    replace,
  })),
)
