// Written by scripts/compile-contracts.mjs; a test fails when it differs from the Solidity.
export const krwTokenAbi = [
 {
  "inputs": [],
  "stateMutability": "nonpayable",
  "type": "constructor"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "account",
    "type": "address"
   }
  ],
  "name": "AccountFrozen",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "AlreadySetUp",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "uint256",
    "name": "validBefore",
    "type": "uint256"
   }
  ],
  "name": "AuthorizationExpired",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "uint256",
    "name": "validAfter",
    "type": "uint256"
   }
  ],
  "name": "AuthorizationNotYetValid",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "authorizer",
    "type": "address"
   },
   {
    "internalType": "bytes32",
    "name": "nonce",
    "type": "bytes32"
   }
  ],
  "name": "AuthorizationUsedOrCanceled",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "caller",
    "type": "address"
   }
  ],
  "name": "CallerMustBePayee",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "CaseIdMissing",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "uint256",
    "name": "feeBasisPoints",
    "type": "uint256"
   }
  ],
  "name": "FeeAboveCap",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "uint256",
    "name": "feeCapBasisPoints",
    "type": "uint256"
   }
  ],
  "name": "FeeCapTooHigh",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "account",
    "type": "address"
   }
  ],
  "name": "FreezeRefused",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "spender",
    "type": "address"
   },
   {
    "internalType": "uint256",
    "name": "allowed",
    "type": "uint256"
   },
   {
    "internalType": "uint256",
    "name": "needed",
    "type": "uint256"
   }
  ],
  "name": "InsufficientAllowance",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "account",
    "type": "address"
   },
   {
    "internalType": "uint256",
    "name": "balance",
    "type": "uint256"
   },
   {
    "internalType": "uint256",
    "name": "needed",
    "type": "uint256"
   }
  ],
  "name": "InsufficientBalance",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "InvalidSignature",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "MalformedBatch",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "uint256",
    "name": "allowed",
    "type": "uint256"
   },
   {
    "internalType": "uint256",
    "name": "wanted",
    "type": "uint256"
   }
  ],
  "name": "MinterAllowanceExceeded",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "uint256",
    "name": "available",
    "type": "uint256"
   },
   {
    "internalType": "uint256",
    "name": "wanted",
    "type": "uint256"
   }
  ],
  "name": "MinterDailyLimitExceeded",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "caller",
    "type": "address"
   }
  ],
  "name": "NotAllowed",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "receiver",
    "type": "address"
   }
  ],
  "name": "ReceiverRefused",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "uint256",
    "name": "available",
    "type": "uint256"
   },
   {
    "internalType": "uint256",
    "name": "wanted",
    "type": "uint256"
   }
  ],
  "name": "SettlerDailyLimitExceeded",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "uint256",
    "name": "deadline",
    "type": "uint256"
   }
  ],
  "name": "SignatureExpired",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "uint256",
    "name": "supplyCap",
    "type": "uint256"
   },
   {
    "internalType": "uint256",
    "name": "supply",
    "type": "uint256"
   }
  ],
  "name": "SupplyCapBelowSupply",
  "type": "error"
 },
 {
  "inputs": [
   {
    "internalType": "uint256",
    "name": "supplyCap",
    "type": "uint256"
   },
   {
    "internalType": "uint256",
    "name": "wanted",
    "type": "uint256"
   }
  ],
  "name": "SupplyCapExceeded",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "TokenPaused",
  "type": "error"
 },
 {
  "inputs": [],
  "name": "ZeroAddress",
  "type": "error"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "address",
    "name": "owner",
    "type": "address"
   },
   {
    "indexed": true,
    "internalType": "address",
    "name": "spender",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "value",
    "type": "uint256"
   }
  ],
  "name": "Approval",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "address",
    "name": "authorizer",
    "type": "address"
   },
   {
    "indexed": true,
    "internalType": "bytes32",
    "name": "nonce",
    "type": "bytes32"
   }
  ],
  "name": "AuthorizationCanceled",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "address",
    "name": "authorizer",
    "type": "address"
   },
   {
    "indexed": true,
    "internalType": "bytes32",
    "name": "nonce",
    "type": "bytes32"
   }
  ],
  "name": "AuthorizationUsed",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "feeCapBasisPoints",
    "type": "uint256"
   }
  ],
  "name": "FeeCapChanged",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "address",
    "name": "feeRecipient",
    "type": "address"
   }
  ],
  "name": "FeeRecipientChanged",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "address",
    "name": "freezer",
    "type": "address"
   }
  ],
  "name": "FreezerChanged",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "address",
    "name": "account",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "bool",
    "name": "frozen",
    "type": "bool"
   },
   {
    "indexed": true,
    "internalType": "bytes32",
    "name": "caseId",
    "type": "bytes32"
   }
  ],
  "name": "FrozenChanged",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "address",
    "name": "minter",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "allowance",
    "type": "uint256"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "dailyLimit",
    "type": "uint256"
   }
  ],
  "name": "MinterChanged",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "address",
    "name": "owner",
    "type": "address"
   },
   {
    "indexed": true,
    "internalType": "address",
    "name": "pendingOwner",
    "type": "address"
   }
  ],
  "name": "OwnershipTransferStarted",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "address",
    "name": "from",
    "type": "address"
   },
   {
    "indexed": true,
    "internalType": "address",
    "name": "to",
    "type": "address"
   }
  ],
  "name": "OwnershipTransferred",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "bytes16",
    "name": "invoice",
    "type": "bytes16"
   }
  ],
  "name": "Paid",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "address",
    "name": "pauser",
    "type": "address"
   }
  ],
  "name": "Paused",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "address",
    "name": "pauser",
    "type": "address"
   }
  ],
  "name": "PauserChanged",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "address",
    "name": "merchant",
    "type": "address"
   },
   {
    "indexed": true,
    "internalType": "address",
    "name": "key",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "dailyLimit",
    "type": "uint256"
   }
  ],
  "name": "RefundKeyChanged",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "bytes16",
    "name": "invoice",
    "type": "bytes16"
   },
   {
    "indexed": false,
    "internalType": "address",
    "name": "payer",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "reason",
    "type": "uint256"
   }
  ],
  "name": "RefundSkipped",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "bytes16",
    "name": "invoice",
    "type": "bytes16"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "refunded",
    "type": "uint256"
   }
  ],
  "name": "Refunded",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "address",
    "name": "settler",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "dailyLimit",
    "type": "uint256"
   }
  ],
  "name": "SettlerChanged",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "bytes16",
    "name": "invoice",
    "type": "bytes16"
   },
   {
    "indexed": false,
    "internalType": "address",
    "name": "payer",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "reason",
    "type": "uint256"
   }
  ],
  "name": "Skipped",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "supplyCap",
    "type": "uint256"
   }
  ],
  "name": "SupplyCapChanged",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "address",
    "name": "from",
    "type": "address"
   },
   {
    "indexed": true,
    "internalType": "address",
    "name": "to",
    "type": "address"
   },
   {
    "indexed": false,
    "internalType": "uint256",
    "name": "value",
    "type": "uint256"
   }
  ],
  "name": "Transfer",
  "type": "event"
 },
 {
  "anonymous": false,
  "inputs": [
   {
    "indexed": true,
    "internalType": "address",
    "name": "owner",
    "type": "address"
   }
  ],
  "name": "Unpaused",
  "type": "event"
 },
 {
  "inputs": [],
  "name": "CANCEL_AUTHORIZATION_TYPEHASH",
  "outputs": [
   {
    "internalType": "bytes32",
    "name": "",
    "type": "bytes32"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "DOMAIN_SEPARATOR",
  "outputs": [
   {
    "internalType": "bytes32",
    "name": "",
    "type": "bytes32"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "HIGHEST_FEE_CAP_BASIS_POINTS",
  "outputs": [
   {
    "internalType": "uint256",
    "name": "",
    "type": "uint256"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "PAYMENT_TYPEHASH",
  "outputs": [
   {
    "internalType": "bytes32",
    "name": "",
    "type": "bytes32"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "PERMIT_TYPEHASH",
  "outputs": [
   {
    "internalType": "bytes32",
    "name": "",
    "type": "bytes32"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "RECEIVE_WITH_AUTHORIZATION_TYPEHASH",
  "outputs": [
   {
    "internalType": "bytes32",
    "name": "",
    "type": "bytes32"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "REFUND_KEY_TYPEHASH",
  "outputs": [
   {
    "internalType": "bytes32",
    "name": "",
    "type": "bytes32"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "REFUND_TYPEHASH",
  "outputs": [
   {
    "internalType": "bytes32",
    "name": "",
    "type": "bytes32"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "TRANSFER_WITH_AUTHORIZATION_TYPEHASH",
  "outputs": [
   {
    "internalType": "bytes32",
    "name": "",
    "type": "bytes32"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "acceptOwnership",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address[]",
    "name": "addresses",
    "type": "address[]"
   }
  ],
  "name": "accounts",
  "outputs": [
   {
    "components": [
     {
      "internalType": "uint96",
      "name": "balance",
      "type": "uint96"
     },
     {
      "internalType": "uint64",
      "name": "window",
      "type": "uint64"
     },
     {
      "internalType": "uint48",
      "name": "base",
      "type": "uint48"
     },
     {
      "internalType": "bool",
      "name": "frozen",
      "type": "bool"
     }
    ],
    "internalType": "struct KRWToken.Account[]",
    "name": "found",
    "type": "tuple[]"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "owner",
    "type": "address"
   },
   {
    "internalType": "address",
    "name": "spender",
    "type": "address"
   }
  ],
  "name": "allowance",
  "outputs": [
   {
    "internalType": "uint256",
    "name": "",
    "type": "uint256"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "spender",
    "type": "address"
   },
   {
    "internalType": "uint256",
    "name": "value",
    "type": "uint256"
   }
  ],
  "name": "approve",
  "outputs": [
   {
    "internalType": "bool",
    "name": "",
    "type": "bool"
   }
  ],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "authorizer",
    "type": "address"
   },
   {
    "internalType": "bytes32",
    "name": "nonce",
    "type": "bytes32"
   }
  ],
  "name": "authorizationState",
  "outputs": [
   {
    "internalType": "bool",
    "name": "",
    "type": "bool"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "account",
    "type": "address"
   }
  ],
  "name": "balanceOf",
  "outputs": [
   {
    "internalType": "uint256",
    "name": "",
    "type": "uint256"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "uint96",
    "name": "value",
    "type": "uint96"
   }
  ],
  "name": "burn",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "authorizer",
    "type": "address"
   },
   {
    "internalType": "bytes32",
    "name": "nonce",
    "type": "bytes32"
   },
   {
    "internalType": "uint8",
    "name": "v",
    "type": "uint8"
   },
   {
    "internalType": "bytes32",
    "name": "r",
    "type": "bytes32"
   },
   {
    "internalType": "bytes32",
    "name": "s",
    "type": "bytes32"
   }
  ],
  "name": "cancelAuthorization",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "config",
  "outputs": [
   {
    "components": [
     {
      "internalType": "address",
      "name": "feeRecipient",
      "type": "address"
     },
     {
      "internalType": "uint16",
      "name": "feeCapBasisPoints",
      "type": "uint16"
     },
     {
      "internalType": "bool",
      "name": "paused",
      "type": "bool"
     }
    ],
    "internalType": "struct Roles.Config",
    "name": "",
    "type": "tuple"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "decimals",
  "outputs": [
   {
    "internalType": "uint8",
    "name": "",
    "type": "uint8"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "deploymentBlock",
  "outputs": [
   {
    "internalType": "uint256",
    "name": "",
    "type": "uint256"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "eip712Domain",
  "outputs": [
   {
    "internalType": "bytes1",
    "name": "fields",
    "type": "bytes1"
   },
   {
    "internalType": "string",
    "name": "name",
    "type": "string"
   },
   {
    "internalType": "string",
    "name": "version",
    "type": "string"
   },
   {
    "internalType": "uint256",
    "name": "chainId",
    "type": "uint256"
   },
   {
    "internalType": "address",
    "name": "verifyingContract",
    "type": "address"
   },
   {
    "internalType": "bytes32",
    "name": "salt",
    "type": "bytes32"
   },
   {
    "internalType": "uint256[]",
    "name": "extensions",
    "type": "uint256[]"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "freezer",
  "outputs": [
   {
    "internalType": "address",
    "name": "",
    "type": "address"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "to",
    "type": "address"
   },
   {
    "internalType": "uint96",
    "name": "value",
    "type": "uint96"
   }
  ],
  "name": "mint",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "minter",
    "type": "address"
   }
  ],
  "name": "minterOf",
  "outputs": [
   {
    "components": [
     {
      "internalType": "uint96",
      "name": "allowance",
      "type": "uint96"
     },
     {
      "internalType": "uint96",
      "name": "dailyLimit",
      "type": "uint96"
     },
     {
      "internalType": "uint40",
      "name": "updatedAt",
      "type": "uint40"
     },
     {
      "internalType": "uint96",
      "name": "level",
      "type": "uint96"
     }
    ],
    "internalType": "struct Roles.Minter",
    "name": "",
    "type": "tuple"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "name",
  "outputs": [
   {
    "internalType": "string",
    "name": "",
    "type": "string"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "owner",
    "type": "address"
   }
  ],
  "name": "nonces",
  "outputs": [
   {
    "internalType": "uint256",
    "name": "nonce",
    "type": "uint256"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "owner",
  "outputs": [
   {
    "internalType": "address",
    "name": "",
    "type": "address"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "pause",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "pauser",
  "outputs": [
   {
    "internalType": "address",
    "name": "",
    "type": "address"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "paymentStructHash",
    "type": "bytes32"
   },
   {
    "internalType": "address",
    "name": "payer",
    "type": "address"
   }
  ],
  "name": "paymentId",
  "outputs": [
   {
    "internalType": "bytes32",
    "name": "",
    "type": "bytes32"
   }
  ],
  "stateMutability": "pure",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "pendingOwner",
  "outputs": [
   {
    "internalType": "address",
    "name": "",
    "type": "address"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "owner_",
    "type": "address"
   },
   {
    "internalType": "address",
    "name": "spender",
    "type": "address"
   },
   {
    "internalType": "uint256",
    "name": "value",
    "type": "uint256"
   },
   {
    "internalType": "uint256",
    "name": "deadline",
    "type": "uint256"
   },
   {
    "internalType": "uint8",
    "name": "v",
    "type": "uint8"
   },
   {
    "internalType": "bytes32",
    "name": "r",
    "type": "bytes32"
   },
   {
    "internalType": "bytes32",
    "name": "s",
    "type": "bytes32"
   }
  ],
  "name": "permit",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "from",
    "type": "address"
   },
   {
    "internalType": "address",
    "name": "to",
    "type": "address"
   },
   {
    "internalType": "uint256",
    "name": "value",
    "type": "uint256"
   },
   {
    "internalType": "uint256",
    "name": "validAfter",
    "type": "uint256"
   },
   {
    "internalType": "uint256",
    "name": "validBefore",
    "type": "uint256"
   },
   {
    "internalType": "bytes32",
    "name": "nonce",
    "type": "bytes32"
   },
   {
    "internalType": "uint8",
    "name": "v",
    "type": "uint8"
   },
   {
    "internalType": "bytes32",
    "name": "r",
    "type": "bytes32"
   },
   {
    "internalType": "bytes32",
    "name": "s",
    "type": "bytes32"
   }
  ],
  "name": "receiveWithAuthorization",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes",
    "name": "batch",
    "type": "bytes"
   }
  ],
  "name": "refundBatch",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "merchant",
    "type": "address"
   }
  ],
  "name": "refundKeyOf",
  "outputs": [
   {
    "components": [
     {
      "internalType": "address",
      "name": "key",
      "type": "address"
     },
     {
      "internalType": "uint40",
      "name": "dailyLimit",
      "type": "uint40"
     },
     {
      "internalType": "uint40",
      "name": "spent",
      "type": "uint40"
     },
     {
      "internalType": "uint16",
      "name": "day",
      "type": "uint16"
     }
    ],
    "internalType": "struct Refunds.RefundKey",
    "name": "",
    "type": "tuple"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes32",
    "name": "payment",
    "type": "bytes32"
   }
  ],
  "name": "refundedOf",
  "outputs": [
   {
    "internalType": "uint256",
    "name": "won",
    "type": "uint256"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "merchant",
    "type": "address"
   },
   {
    "internalType": "address",
    "name": "key",
    "type": "address"
   },
   {
    "internalType": "uint40",
    "name": "dailyLimit",
    "type": "uint40"
   },
   {
    "internalType": "uint256",
    "name": "deadline",
    "type": "uint256"
   },
   {
    "internalType": "uint8",
    "name": "v",
    "type": "uint8"
   },
   {
    "internalType": "bytes32",
    "name": "r",
    "type": "bytes32"
   },
   {
    "internalType": "bytes32",
    "name": "s",
    "type": "bytes32"
   }
  ],
  "name": "registerRefundKey",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "to",
    "type": "address"
   },
   {
    "internalType": "uint256",
    "name": "value",
    "type": "uint256"
   }
  ],
  "name": "safeTransfer",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "to",
    "type": "address"
   },
   {
    "internalType": "uint256",
    "name": "value",
    "type": "uint256"
   },
   {
    "internalType": "bytes",
    "name": "data",
    "type": "bytes"
   }
  ],
  "name": "safeTransfer",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "from",
    "type": "address"
   },
   {
    "internalType": "address",
    "name": "to",
    "type": "address"
   },
   {
    "internalType": "uint256",
    "name": "value",
    "type": "uint256"
   }
  ],
  "name": "safeTransferFrom",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "from",
    "type": "address"
   },
   {
    "internalType": "address",
    "name": "to",
    "type": "address"
   },
   {
    "internalType": "uint256",
    "name": "value",
    "type": "uint256"
   },
   {
    "internalType": "bytes",
    "name": "data",
    "type": "bytes"
   }
  ],
  "name": "safeTransferFrom",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "uint16",
    "name": "basisPoints",
    "type": "uint16"
   }
  ],
  "name": "setFeeCap",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "account",
    "type": "address"
   }
  ],
  "name": "setFeeRecipient",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "account",
    "type": "address"
   }
  ],
  "name": "setFreezer",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "account",
    "type": "address"
   },
   {
    "internalType": "bool",
    "name": "frozen",
    "type": "bool"
   },
   {
    "internalType": "bytes32",
    "name": "caseId",
    "type": "bytes32"
   }
  ],
  "name": "setFrozen",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "account",
    "type": "address"
   },
   {
    "internalType": "uint96",
    "name": "allowance_",
    "type": "uint96"
   },
   {
    "internalType": "uint96",
    "name": "dailyLimit",
    "type": "uint96"
   }
  ],
  "name": "setMinter",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "account",
    "type": "address"
   }
  ],
  "name": "setPauser",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "key",
    "type": "address"
   },
   {
    "internalType": "uint40",
    "name": "dailyLimit",
    "type": "uint40"
   }
  ],
  "name": "setRefundKey",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "account",
    "type": "address"
   },
   {
    "internalType": "uint96",
    "name": "dailyLimit",
    "type": "uint96"
   }
  ],
  "name": "setSettler",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "uint96",
    "name": "cap",
    "type": "uint96"
   }
  ],
  "name": "setSupplyCap",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "components": [
     {
      "internalType": "address",
      "name": "owner",
      "type": "address"
     },
     {
      "internalType": "address",
      "name": "pauser",
      "type": "address"
     },
     {
      "internalType": "address",
      "name": "freezer",
      "type": "address"
     },
     {
      "internalType": "address",
      "name": "feeRecipient",
      "type": "address"
     },
     {
      "internalType": "uint16",
      "name": "feeCapBasisPoints",
      "type": "uint16"
     },
     {
      "internalType": "uint96",
      "name": "supplyCap",
      "type": "uint96"
     },
     {
      "components": [
       {
        "internalType": "address",
        "name": "account",
        "type": "address"
       },
       {
        "internalType": "uint96",
        "name": "dailyLimit",
        "type": "uint96"
       }
      ],
      "internalType": "struct KRWToken.SettlerLimit[]",
      "name": "settlers",
      "type": "tuple[]"
     },
     {
      "components": [
       {
        "internalType": "address",
        "name": "account",
        "type": "address"
       },
       {
        "internalType": "uint96",
        "name": "allowance",
        "type": "uint96"
       },
       {
        "internalType": "uint96",
        "name": "dailyLimit",
        "type": "uint96"
       }
      ],
      "internalType": "struct KRWToken.MinterLimit[]",
      "name": "minters",
      "type": "tuple[]"
     }
    ],
    "internalType": "struct KRWToken.SetUp",
    "name": "settings",
    "type": "tuple"
   }
  ],
  "name": "setUp",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes",
    "name": "batch",
    "type": "bytes"
   }
  ],
  "name": "settleBatch",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "settler",
    "type": "address"
   }
  ],
  "name": "settlerOf",
  "outputs": [
   {
    "components": [
     {
      "internalType": "uint96",
      "name": "dailyLimit",
      "type": "uint96"
     },
     {
      "internalType": "uint96",
      "name": "spent",
      "type": "uint96"
     },
     {
      "internalType": "uint32",
      "name": "day",
      "type": "uint32"
     }
    ],
    "internalType": "struct Roles.Settler",
    "name": "",
    "type": "tuple"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "supplyCap",
  "outputs": [
   {
    "internalType": "uint256",
    "name": "",
    "type": "uint256"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "bytes4",
    "name": "interfaceId",
    "type": "bytes4"
   }
  ],
  "name": "supportsInterface",
  "outputs": [
   {
    "internalType": "bool",
    "name": "",
    "type": "bool"
   }
  ],
  "stateMutability": "pure",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "symbol",
  "outputs": [
   {
    "internalType": "string",
    "name": "",
    "type": "string"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "totalSupply",
  "outputs": [
   {
    "internalType": "uint256",
    "name": "",
    "type": "uint256"
   }
  ],
  "stateMutability": "view",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "to",
    "type": "address"
   },
   {
    "internalType": "uint256",
    "name": "value",
    "type": "uint256"
   }
  ],
  "name": "transfer",
  "outputs": [
   {
    "internalType": "bool",
    "name": "",
    "type": "bool"
   }
  ],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "from",
    "type": "address"
   },
   {
    "internalType": "address",
    "name": "to",
    "type": "address"
   },
   {
    "internalType": "uint256",
    "name": "value",
    "type": "uint256"
   }
  ],
  "name": "transferFrom",
  "outputs": [
   {
    "internalType": "bool",
    "name": "",
    "type": "bool"
   }
  ],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "to",
    "type": "address"
   }
  ],
  "name": "transferOwnership",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [
   {
    "internalType": "address",
    "name": "from",
    "type": "address"
   },
   {
    "internalType": "address",
    "name": "to",
    "type": "address"
   },
   {
    "internalType": "uint256",
    "name": "value",
    "type": "uint256"
   },
   {
    "internalType": "uint256",
    "name": "validAfter",
    "type": "uint256"
   },
   {
    "internalType": "uint256",
    "name": "validBefore",
    "type": "uint256"
   },
   {
    "internalType": "bytes32",
    "name": "nonce",
    "type": "bytes32"
   },
   {
    "internalType": "uint8",
    "name": "v",
    "type": "uint8"
   },
   {
    "internalType": "bytes32",
    "name": "r",
    "type": "bytes32"
   },
   {
    "internalType": "bytes32",
    "name": "s",
    "type": "bytes32"
   }
  ],
  "name": "transferWithAuthorization",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 },
 {
  "inputs": [],
  "name": "unpause",
  "outputs": [],
  "stateMutability": "nonpayable",
  "type": "function"
 }
] as const
export const krwTokenBytecode = '0x60808060405234605f575f6020819052600160ff1b7fad3228b676f7d3cd4284a5443f17f1962b36e491b30a40b2405849e597ba5fb5819055308252604090912055600380546001600160a01b03191633179055614aeb90816100648239f35b5f80fdfe6080806040526004361015610012575f80fd5b5f3560e01c90816301ffc9a714612d945750806306fdde0314612d47578063095ea7b314612cf85780630f6644cb14612c2457806318160ddd14612bdb5780631b025a40146127b55780631e69ef401461275d57806321d64cd61461271557806323b872dd146126fc578063279b3b95146124c65780632c341fe7146124675780632d88af4a146124085780632e26456d146123a957806330adf81f14612351578063313ce567146123195780633644e515146122d957806338f3c9311461225f5780633b331cf91461215e5780633f4ba83a146120c2578063423f6cef1461206957806342842e0e1461203a578063508764a414611d0f5780635a049a7014611c245780636d3298cb14611bcc57806370a0823114611b5c57806371baa92f14611a8e57806379502c55146119e357806379ba5097146119275780637ecebe00146118c45780637efc8881146118725780637f2eecc31461181a57806382100e3f146117dc5780638456cb591461174957806384b0196e1461162a5780638a9961ce146114515780638da5cb5b146114005780638e0d087a146113a85780638f770ad01461135c578063927160541461130b57806395d89b411461128a5780639809dc6f1461114d5780639fd0506d146110fc578063a0cc6a68146110a4578063a9059cbb14611055578063ac2f1c6d14610eaa578063b3b753a314610e2a578063b88d4fde14610db1578063bb06c45d14610b8d578063ce99928314610acb578063d505accf1461098c578063d916948714610934578063dd62ed3e146108a8578063e30c397814610857578063e3ee160e146107a8578063e74b981b14610749578063e94a0102146106ce578063eb7955491461065e578063ef55bec6146104bb578063f2fde38b146103fe578063f627b88514610397578063fea2038c146103045763ffb1c251146102c6575f80fd5b34610300575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103005760206040516103e88152f35b5f80fd5b346103005760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103005760043561ffff811681036103005773ffffffffffffffffffffffffffffffffffffffff60035416330361036b57610369906139e1565b005b7ffa5cd00f000000000000000000000000000000000000000000000000000000005f523360045260245ffd5b346103005760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610300576103ce612fa5565b6103d6612feb565b73ffffffffffffffffffffffffffffffffffffffff60035416330361036b5761036991613a8f565b346103005760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261030057610435612fa5565b73ffffffffffffffffffffffffffffffffffffffff60035416330361036b5773ffffffffffffffffffffffffffffffffffffffff16807fffffffffffffffffffffffff00000000000000000000000000000000000000006004541617600455337f38d16b8cac22d99fc7c124b9cd0de2d3fa1faef420bfe791d8c362d765e227005f80a3005b34610300576104c936613186565b9073ffffffffffffffffffffffffffffffffffffffff889795939996981698338a0361063257836104fd61057b958b614073565b60405160208101917fd099cc98ef71107a616c4f0f941f04c322d8e254fe26b3c6668db87aae413de8835273ffffffffffffffffffffffffffffffffffffffff8a169b8c60408401528d606084015289608084015260a083015260c08201528660e082015260e0815261057261010082612ee6565b51902087613cb7565b6105858184613d35565b847f98de503528ee59b575ef0c0a2576a82497bfc029a5685b209e9ec333479b10a55f80a37601000000000000000000000000000000000000000000006001541661060a57610601817fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef946105fc826020966138a1565b6135ed565b604051908152a3005b7fe7792495000000000000000000000000000000000000000000000000000000005f5260045ffd5b7f38147cf9000000000000000000000000000000000000000000000000000000005f523360045260245ffd5b346103005760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261030057610695612fa5565b6044359060243567ffffffffffffffff8311610300576106bc610369933690600401613112565b916106c782826134fd565b5033613ee7565b346103005760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610300576020610707612fa5565b73ffffffffffffffffffffffffffffffffffffffff60243591165f52600b825260405f208160081c5f52825260405f2054600160ff60405193161b1615158152f35b346103005760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261030057610780612fa5565b73ffffffffffffffffffffffffffffffffffffffff60035416330361036b5761036990613943565b346103005761057b6107b936613186565b916107ca85879b95969a9897614073565b60405160208101907f7c7c6cdb67a18743f49ec6fa9b35f50d52ed05cbed4cc592e13b44501c1a2267825273ffffffffffffffffffffffffffffffffffffffff89169a8b604083015273ffffffffffffffffffffffffffffffffffffffff8b169c8d606084015289608084015260a083015260c08201528660e082015260e0815261057261010082612ee6565b34610300575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261030057602073ffffffffffffffffffffffffffffffffffffffff60045416604051908152f35b346103005760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610300576108df612fa5565b73ffffffffffffffffffffffffffffffffffffffff6108fc612fc8565b91165f52600260205273ffffffffffffffffffffffffffffffffffffffff60405f2091165f52602052602060405f2054604051908152f35b34610300575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103005760206040517f158b0a9edf7a828aad02f63cd515c68ef2f50ba807396f6d12842833a15974298152f35b346103005760e07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610300576109c3612fa5565b6109cb612fc8565b60443590606435926109db613102565b844211610a9f57610a9a906103699573ffffffffffffffffffffffffffffffffffffffff841691825f52600a60205260405f2091825492610a1b846134d0565b90556040519260208401947f6e71edae12b1b97f4d1f60370fef10105fa2faae0126114a169c64845d6126c98652604085015273ffffffffffffffffffffffffffffffffffffffff8816606085015288608085015260a084015260c083015260c08252610a8960e083612ee6565b60c4359260a4359251902085613cb7565b61358e565b847fcd21db4f000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b346103005760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103005773ffffffffffffffffffffffffffffffffffffffff610b17612fa5565b610b1f61349a565b50165f526007602052606060405f205463ffffffff6bffffffffffffffffffffffff8216916bffffffffffffffffffffffff604051610b5d81612eca565b848152836040602083019284868a1c168452019360c01c1683526040519485525116602084015251166040820152f35b346103005760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103005760043567ffffffffffffffff8111610300573660238201121561030057806004013567ffffffffffffffff8111610300573660248260051b8401011161030057610c05816134b8565b91610c136040519384612ee6565b8183527fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0610c40836134b8565b015f5b818110610d9a5750505f5b82811015610d125760019073ffffffffffffffffffffffffffffffffffffffff610c7f60248360051b8601016133a8565b165f525f60205260405f20547f800000000000000000000000000000000000000000000000000000000000000060405191610cb983612e81565b6bffffffffffffffffffffffff8116835267ffffffffffffffff8160601c16602084015265ffffffffffff8160a01c1660408401521615156060820152610d00828761357a565b52610d0b818661357a565b5001610c4e565b836040518091602082016020835281518091526020604084019201905f5b818110610d3e575050500390f35b9193509160206080600192606087516bffffffffffffffffffffffff815116835267ffffffffffffffff85820151168584015265ffffffffffff6040820151166040840152015115156060820152019401910191849392610d30565b602090610da561321c565b82828801015201610c43565b346103005760807ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261030057610de8612fa5565b610df0612fc8565b906044356064359267ffffffffffffffff841161030057610e18610369943690600401613112565b92610e2483838361324d565b50613ee7565b346103005760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261030057610e61612fa5565b610e69612feb565b604435906bffffffffffffffffffffffff821682036103005773ffffffffffffffffffffffffffffffffffffffff60035416330361036b5761036992613b1f565b346103005760607ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261030057610ee1612fa5565b602435801515808203610300576044359273ffffffffffffffffffffffffffffffffffffffff60065416330361036b57831561102d5773ffffffffffffffffffffffffffffffffffffffff169182158015611024575b8015611003575b610fd7577f516a518b4c63346a21e006ae8bc428b050bc87045d2599bc15128eea79e1798191602091845f525f83527f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff60405f205416905f14610fd2577f8000000000000000000000000000000000000000000000000000000000000000175b845f525f835260405f2055604051908152a3005b610fbe565b827f352ad3be000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b5073ffffffffffffffffffffffffffffffffffffffff600154168314610f3e565b50308314610f37565b7fec80ad9e000000000000000000000000000000000000000000000000000000005f5260045ffd5b346103005760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261030057602061109a611091612fa5565b602435906134fd565b6040519015158152f35b34610300575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103005760206040517f7c7c6cdb67a18743f49ec6fa9b35f50d52ed05cbed4cc592e13b44501c1a22678152f35b34610300575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261030057602073ffffffffffffffffffffffffffffffffffffffff60055416604051908152f35b346103005760e07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261030057611184612fa5565b61118c612fc8565b6044359064ffffffffff82169283830361030057606435936111ac613102565b85421161125e5794611259916103699673ffffffffffffffffffffffffffffffffffffffff851692835f52600a60205260405f208054906111ec826134d0565b90556040519360208501957fc6b0eb1d6656263be4e0789ea51e982d2f69363d2fde5fbe05cb4a77adf31ac88752604086015273ffffffffffffffffffffffffffffffffffffffff89166060860152608085015260a084015260c083015260c08252610a8960e083612ee6565b613dc0565b857fcd21db4f000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b34610300575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610300576113076040516112c9604082612ee6565b600481527f4b525754000000000000000000000000000000000000000000000000000000006020820152604051918291602083526020830190612f62565b0390f35b34610300575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261030057602073ffffffffffffffffffffffffffffffffffffffff60065416604051908152f35b34610300575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103005760206bffffffffffffffffffffffff60095460601c16604051908152f35b34610300575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103005760206040517fc6b0eb1d6656263be4e0789ea51e982d2f69363d2fde5fbe05cb4a77adf31ac88152f35b34610300575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261030057602073ffffffffffffffffffffffffffffffffffffffff60035416604051908152f35b346103005761145f36613093565b7601000000000000000000000000000000000000000000006001541661060a57335f5260076020526bffffffffffffffffffffffff60405f2054161561036b576114a7613e82565b9082019160208201905b8381106114ba57005b803590601661ffff8360501c1660b602820101918583116116025760169060601c910190805f52600c60205260405f205490805f525f60205260405f205461150061440b565b9180875261ffff83168460f01c145f146115f65764ffffffffff808560c81c165b16948564ffffffffff8660a01c168082105f146115ed5703925b5f935b8883106115c95750505081611558575b50505050506114b1565b78ffffffffffffffffffffffffffffffffffffffffffffffffff92817fffff000000000000000000000000000000000000000000000000000000000000925f525f60205260405f208481540390555f52600c60205260f01b16930160c81b9116171760405f2055848080808061154e565b909193806115e38c8960b694860391888a868a03926144d1565b019401919061153e565b50505f9261153b565b64ffffffffff5f611521565b7fc1f97e35000000000000000000000000000000000000000000000000000000005f5260045ffd5b34610300575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610300576116ed602060405161166a8282612ee6565b5f81525f368137611679612f27565b916116fb60405161168b604082612ee6565b600181527f3100000000000000000000000000000000000000000000000000000000000000838201526040519586957f0f00000000000000000000000000000000000000000000000000000000000000875260e08588015260e0870190612f62565b908582036040870152612f62565b4660608501523060808501525f60a085015283810360c08501528180845192838152019301915f5b82811061173257505050500390f35b835185528695509381019392810192600101611723565b34610300575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103005773ffffffffffffffffffffffffffffffffffffffff60055416330361036b5776010000000000000000000000000000000000000000000060015417600155337f62e78cea01bee320cd4e420270b5ea74000d11b0c9f74754ebdbfc544b05a2585f80a2005b34610300575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261030057602060095460c01c604051908152f35b34610300575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103005760206040517fd099cc98ef71107a616c4f0f941f04c322d8e254fe26b3c6668db87aae413de88152f35b346103005760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610300576118a9612fa5565b60243564ffffffffff81168103610300576103699133613dc0565b346103005760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103005773ffffffffffffffffffffffffffffffffffffffff611910612fa5565b165f52600a602052602060405f2054604051908152f35b34610300575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103005760045473ffffffffffffffffffffffffffffffffffffffff8116330361036b577fffffffffffffffffffffffff0000000000000000000000000000000000000000906003543373ffffffffffffffffffffffffffffffffffffffff82167f8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e05f80a38216331760035516600455005b34610300575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261030057611a1961349a565b50606060015473ffffffffffffffffffffffffffffffffffffffff81169061ffff604051611a4681612eca565b83815276010000000000000000000000000000000000000000000060406020830192848660a01c16845201931615158352604051938452511660208301525115156040820152f35b346103005760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103005773ffffffffffffffffffffffffffffffffffffffff611ada612fa5565b611ae261321c565b50165f526008602052608060405f206bffffffffffffffffffffffff604051611b0a81612e81565b64ffffffffff83548380821695868552606082600160208801938287851c1685528760408a019760c01c1687520154169501948552604051968752511660208601525116604084015251166060820152f35b346103005760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103005773ffffffffffffffffffffffffffffffffffffffff611ba8612fa5565b165f525f60205260206bffffffffffffffffffffffff60405f205416604051908152f35b34610300575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103005760206040517f1b49267ca3474aad2667eddf26714354c2254f00a82c2c0cce4654f5af6ec35c8152f35b346103005760a07ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261030057611c5b612fa5565b602435906044359060ff821682036103005782611ce991611ce460405160208101907f158b0a9edf7a828aad02f63cd515c68ef2f50ba807396f6d12842833a1597429825273ffffffffffffffffffffffffffffffffffffffff84169687604083015285606083015260608252611cd3608083612ee6565b608435926064359251902085613cb7565b613d35565b7f1cdd46ff242716cdaa72d159d339a485b3438398348d68f09d7c8c0a59353d815f80a3005b346103005760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103005760043567ffffffffffffffff81116103005780600401906101007ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc82360301126103005773ffffffffffffffffffffffffffffffffffffffff60035416330361036b576009548060c01c6120125773ffffffffffffffffffffffffffffffffffffffff611dca846133a8565b1615611fea5777ffffffffffffffffffffffffffffffffffffffffffffffff164360c01b7fffffffffffffffff0000000000000000000000000000000000000000000000001617600955611e28611e23602483016133a8565b6136d6565b611e3c611e37604483016133a8565b613670565b611e50611e4b606483016133a8565b613943565b608481013561ffff8116810361030057611e69906139e1565b611e7d611e7860a483016133c9565b61373c565b60c481015f5b611e8d82856133e2565b9050811015611edd5780611ed7611eb8611eb3600194611ead878a6133e2565b90613436565b6133a8565b611ed16020611ecb85611ead898c6133e2565b016133c9565b90613a8f565b01611e83565b505060e4015f5b611eee8284613446565b9050811015611f7057611f018284613446565b8291921015611f4357611f3d6001926060830201611f1e816133a8565b90611f376040611f30602084016133c9565b92016133c9565b91613b1f565b01611ee4565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52603260045260245ffd5b73ffffffffffffffffffffffffffffffffffffffff611fc28482611f93826133a8565b167fffffffffffffffffffffffff000000000000000000000000000000000000000060035416176003556133a8565b16337f8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e05f80a3005b7fd92e233d000000000000000000000000000000000000000000000000000000005f5260045ffd5b7ffd2bd92d000000000000000000000000000000000000000000000000000000005f5260045ffd5b346103005761036961204b36613021565b906040519261205b602085612ee6565b5f8452610e2483838361324d565b346103005760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610300576103696120a3612fa5565b602435604051916120b5602084612ee6565b5f83526106c782826134fd565b34610300575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103005773ffffffffffffffffffffffffffffffffffffffff60035416330361036b577ffffffffffffffffffffeffffffffffffffffffffffffffffffffffffffffffff60015416600155337f5db9ee0a495bf2e6ff9c91a7834c1ba4fdd244a5e8aa4e537bd38aeae4b073aa5f80a2005b346103005760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261030057612195613006565b7601000000000000000000000000000000000000000000006001541661060a57335f5260086020526bffffffffffffffffffffffff60405f205460601c161561036b57806bffffffffffffffffffffffff5f9216906121f482336138a1565b7fffffffffffffffffffffffffffffffffffffffff0000000000000000000000006bffffffffffffffffffffffff6009549281841603169116176009556040519081527fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef60203392a3005b346103005760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610300576020612298612fc8565b60405173ffffffffffffffffffffffffffffffffffffffff838201926004358452166040820152604081526122ce606082612ee6565b519020604051908152f35b34610300575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610300576020612311613809565b604051908152f35b34610300575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103005760206040515f8152f35b34610300575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103005760206040517f6e71edae12b1b97f4d1f60370fef10105fa2faae0126114a169c64845d6126c98152f35b346103005760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610300576123e0613006565b73ffffffffffffffffffffffffffffffffffffffff60035416330361036b576103699061373c565b346103005760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103005761243f612fa5565b73ffffffffffffffffffffffffffffffffffffffff60035416330361036b57610369906136d6565b346103005760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103005761249e612fa5565b73ffffffffffffffffffffffffffffffffffffffff60035416330361036b5761036990613670565b34610300576124d436613093565b9060015490760100000000000000000000000000000000000000000000821661060a57335f52600760205260405f2054906bffffffffffffffffffffffff821690811561036b575f948591612527613e82565b9181019061ffff8760a01c16905b82811061262857505050508061257a575b5050508161255057005b73ffffffffffffffffffffffffffffffffffffffff165f525f60205260405f209081540190555f80f35b61258261440b565b928363ffffffff8260c01c16145f14612614576bffffffffffffffffffffffff809160601c165b16928284101561260e578383035b8083116125de5750335f52600760205260c01b920160601b171760405f2055828080612546565b90507f99201e39000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b5f6125b7565b506bffffffffffffffffffffffff5f6125a9565b909192979381359061ffff8260501c1690601861ffff8460401c16606202850101918581116126d15786831161160257828c612670926018978e9760601c98899101926140dd565b9390929484612688575b505001940197929190612535565b7fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef602073ffffffffffffffffffffffffffffffffffffffff604051948886521693a3898c61267a565b7f6a3078c1000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b3461030057602061109a61270f36613021565b9161324d565b346103005760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610300576004355f52600d602052602060405f2054604051908152f35b34610300575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103005760206040517ff92ca69eb6a57cbb2f0cfb3504398489e6f713575487cc60b151640a1f5920d08152f35b346103005760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc360112610300576127ec612fa5565b6127f4612feb565b907601000000000000000000000000000000000000000000006001541661060a57335f52600860205260405f206040519061282e82612e81565b80546bffffffffffffffffffffffff811683526bffffffffffffffffffffffff8160601c16916bffffffffffffffffffffffff6001602086019285845264ffffffffff604088019560c01c16855201541692606085019384521561036b576bffffffffffffffffffffffff845116956bffffffffffffffffffffffff811696878110612bab57506bffffffffffffffffffffffff8451169064ffffffffff84511680420390428211612b7e576bffffffffffffffffffffffff855116808302928304149042141715612b7e5788926201518061290b920490613240565b83516bffffffffffffffffffffffff1680821015612b765750905b828210612b47576bffffffffffffffffffffffff8096939481809660019895826129e596818e511603168c520316855264ffffffffff42168452335f526008602052818060405f209a5116167fffffffffffffffffffffffffffffffffffffffff0000000000000000000000008a5416178955511687907fffffffffffffffff000000000000000000000000ffffffffffffffffffffffff77ffffffffffffffffffffffff00000000000000000000000083549260601b169116179055565b517fffffff0000000000ffffffffffffffffffffffffffffffffffffffffffffffff7cffffffffff00000000000000000000000000000000000000000000000087549260c01b1691161785555116920191167fffffffffffffffffffffffffffffffffffffffff000000000000000000000000825416179055600954612a79836bffffffffffffffffffffffff8316613240565b6bffffffffffffffffffffffff8260601c16808211612b19575073ffffffffffffffffffffffffffffffffffffffff5f937fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef937fffffffffffffffffffffffffffffffffffffffff0000000000000000000000006bffffffffffffffffffffffff60209516911617600955612b0e86826135ed565b6040519586521693a3005b7f4b344b11000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b507f35b30303000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b905090612926565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b87907fdedd3e92000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b34610300575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103005760206bffffffffffffffffffffffff60095416604051908152f35b346103005760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc3601126103005773ffffffffffffffffffffffffffffffffffffffff612c70612fa5565b612c7861321c565b50165f52600c602052608060405f205461ffff73ffffffffffffffffffffffffffffffffffffffff82169164ffffffffff604051612cb581612e81565b8481528160208201818560a01c16815260606040840193838760c81c168552019460f01c8552604051968752511660208601525116604084015251166060820152f35b346103005760407ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261030057612d3c612d32612fa5565b602435903361358e565b602060405160018152f35b34610300575f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261030057611307612d80612f27565b604051918291602083526020830190612f62565b346103005760207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc36011261030057600435907fffffffff00000000000000000000000000000000000000000000000000000000821680920361030057817f01ffc9a70000000000000000000000000000000000000000000000000000000060209314908115612e57575b8115612e2d575b5015158152f35b7fa219a0250000000000000000000000000000000000000000000000000000000091501483612e26565b7f657873710000000000000000000000000000000000000000000000000000000081149150612e1f565b6080810190811067ffffffffffffffff821117612e9d57604052565b7f4e487b71000000000000000000000000000000000000000000000000000000005f52604160045260245ffd5b6060810190811067ffffffffffffffff821117612e9d57604052565b90601f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0910116810190811067ffffffffffffffff821117612e9d57604052565b60405190612f36604083612ee6565b600882527f4b5257546f6b656e0000000000000000000000000000000000000000000000006020830152565b907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe0601f602080948051918291828752018686015e5f8582860101520116010190565b6004359073ffffffffffffffffffffffffffffffffffffffff8216820361030057565b6024359073ffffffffffffffffffffffffffffffffffffffff8216820361030057565b602435906bffffffffffffffffffffffff8216820361030057565b600435906bffffffffffffffffffffffff8216820361030057565b7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc60609101126103005760043573ffffffffffffffffffffffffffffffffffffffff81168103610300579060243573ffffffffffffffffffffffffffffffffffffffff81168103610300579060443590565b9060207ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc8301126103005760043567ffffffffffffffff811161030057826023820112156103005780600401359267ffffffffffffffff84116103005760248483010111610300576024019190565b6084359060ff8216820361030057565b81601f820112156103005780359067ffffffffffffffff8211612e9d5760405192613165601f84017fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe01660200185612ee6565b8284526020838301011161030057815f926020809301838601378301015290565b7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc6101209101126103005760043573ffffffffffffffffffffffffffffffffffffffff81168103610300579060243573ffffffffffffffffffffffffffffffffffffffff81168103610300579060443590606435906084359060a4359060c43560ff81168103610300579060e435906101043590565b6040519061322982612e81565b5f6060838281528260208201528260408201520152565b91908201809211612b7e57565b73ffffffffffffffffffffffffffffffffffffffff811691825f52600260205260405f2073ffffffffffffffffffffffffffffffffffffffff33165f5260205260405f20547fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff8103613336575b507601000000000000000000000000000000000000000000006001541661060a5773ffffffffffffffffffffffffffffffffffffffff60209161331e867fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef956138a1565b61332886826135ed565b6040519586521693a3600190565b84811061337457835f52600260205260405f2073ffffffffffffffffffffffffffffffffffffffff33165f526020528460405f20910390555f6132ba565b84907f192b9e4e000000000000000000000000000000000000000000000000000000005f523360045260245260445260645ffd5b3573ffffffffffffffffffffffffffffffffffffffff811681036103005790565b356bffffffffffffffffffffffff811681036103005790565b9035907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe181360301821215610300570180359067ffffffffffffffff821161030057602001918160061b3603831361030057565b9190811015611f435760061b0190565b9035907fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe181360301821215610300570180359067ffffffffffffffff82116103005760200191606082023603831361030057565b604051906134a782612eca565b5f6040838281528260208201520152565b67ffffffffffffffff8111612e9d5760051b60200190565b7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff8114612b7e5760010190565b7601000000000000000000000000000000000000000000006001541661060a5773ffffffffffffffffffffffffffffffffffffffff9061353d83336138a1565b61354783826135ed565b60405192835216907fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef60203392a3600190565b8051821015611f435760209160051b010190565b602073ffffffffffffffffffffffffffffffffffffffff807f8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925931693845f526002835260405f208282165f5283528560405f20556040519586521693a3565b73ffffffffffffffffffffffffffffffffffffffff16805f525f60205260405f2054907f80000000000000000000000000000000000000000000000000000000000000008216613645575f525f6020520160405f2055565b7f4f2a367e000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b73ffffffffffffffffffffffffffffffffffffffff16807fffffffffffffffffffffffff000000000000000000000000000000000000000060065416176006557f97feb20f655745f67bbd05465394b86626eaafbbaae4a509a838c19237ea9da35f80a2565b73ffffffffffffffffffffffffffffffffffffffff16807fffffffffffffffffffffffff000000000000000000000000000000000000000060055416176005557fb80482a293ca2e013eda8683c9bd7fc8347cfdaeea5ede58cba46df502c2a6045f80a2565b6009546bffffffffffffffffffffffff8116916bffffffffffffffffffffffff8116928084106137da5750916020917fffffffffffffffff000000000000000000000000ffffffffffffffffffffffff77ffffffffffffffffffffffff0000000000000000000000007ff2fb162690e5fc210d5e0f2d0068f308b2a6e0ffb9af57c73473ef9b3b95f11b9560601b16911617600955604051908152a1565b837fdc925b1c000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b60405160208101907f8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f82527faa457e0cb409aae57b724d407cc97e62300a6dec63fa886660fa5bdbb3b5456a60408201527fc89efdaa54c0f20c7adf612882df0950f5a951637e0307cdcb4c672f298b8bc660608201524660808201523060a082015260a0815261389b60c082612ee6565b51902090565b73ffffffffffffffffffffffffffffffffffffffff16805f525f60205260405f2054907f80000000000000000000000000000000000000000000000000000000000000008216613645576bffffffffffffffffffffffff821683811061391057505f525f6020520360405f2055565b91507fdb42144d000000000000000000000000000000000000000000000000000000005f5260045260245260445260645ffd5b73ffffffffffffffffffffffffffffffffffffffff168015611fea57805f525f6020527f800000000000000000000000000000000000000000000000000000000000000060405f20541661364557807fffffffffffffffffffffffff000000000000000000000000000000000000000060015416176001557f167cccccc6e9b2892a740ec13fc1e51d3de8ea384f25bd87fee7412d588637e25f80a2565b61ffff8116906103e88211613a63577fdc3ceb346ebe874f250284e099f4c259e8528870fede4453890afa4fe93abf6a9160209175ffff00000000000000000000000000000000000000007fffffffffffffffffffff0000ffffffffffffffffffffffffffffffffffffffff600154169160a01b1617600155604051908152a1565b507ff089ac99000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b602073ffffffffffffffffffffffffffffffffffffffff7f6dc1c6cb6fc5463e3d84c36672fa98dd7f83a356d004a603954156b57834f593921692835f52600782526bffffffffffffffffffffffff7fffffffffffffffffffffffffffffffffffffffff00000000000000000000000060405f20541691168091855f52600784521760405f2055604051908152a2565b7fe6db0cd56f9ea96c1ca0b6451a7c09eb951e90a2b3c48f405236cc569ee20077916040916bffffffffffffffffffffffff835192613b5d84612e81565b16918281526bffffffffffffffffffffffff6001818060208501991694858a5287850164ffffffffff42168152613c318373ffffffffffffffffffffffffffffffffffffffff60608901948a8652169c8d5f52600860205281808d5f209a5116167fffffffffffffffffffffffffffffffffffffffff0000000000000000000000008a5416178955511687907fffffffffffffffff000000000000000000000000ffffffffffffffffffffffff77ffffffffffffffffffffffff00000000000000000000000083549260601b169116179055565b517fffffff0000000000ffffffffffffffffffffffffffffffffffffffffffffffff7cffffffffff00000000000000000000000000000000000000000000000087549260c01b1691161785555116920191167fffffffffffffffffffffffffffffffffffffffff00000000000000000000000082541617905582519182526020820152a2565b939092613cd99273ffffffffffffffffffffffffffffffffffffffff94614420565b168015918215613d14575b5050613cec57565b7f8baa579f000000000000000000000000000000000000000000000000000000005f5260045ffd5b73ffffffffffffffffffffffffffffffffffffffff16141590505f80613ce4565b73ffffffffffffffffffffffffffffffffffffffff16805f52600b60205260405f208260081c90815f5260205260405f205491600160ff85161b93848416613d9157505f52600b60205260405f20905f526020521760405f2055565b907f8ef82f7f000000000000000000000000000000000000000000000000000000005f5260045260245260445ffd5b602073ffffffffffffffffffffffffffffffffffffffff7fb866ff593bdb6d84948d009c98888c62a82564f49f1622b03a31ac9fccc5d173929493941692835f52600c825273ffffffffffffffffffffffffffffffffffffffff7fffffffffffffff0000000000000000000000000000000000000000000000000060405f20541695168095855f52600c845278ffffffffff00000000000000000000000000000000000000008360a01b16171760405f205564ffffffffff60405191168152a3565b613e8a613809565b90604051916101c083016040527f1b49267ca3474aad2667eddf26714354c2254f00a82c2c0cce4654f5af6ec35c83527f190100000000000000000000000000000000000000000000000000000000000060c084015260c2830152565b90803b1561406d57602091613f5b73ffffffffffffffffffffffffffffffffffffffff8093169560405195869485947f9d188c220000000000000000000000000000000000000000000000000000000086523360048701521660248501526044840152608060648401526084830190612f62565b03815f865af1908115614062575f91613fe7575b507fffffffff000000000000000000000000000000000000000000000000000000007f9d188c2200000000000000000000000000000000000000000000000000000000911603613fbc5750565b7f7e67fb75000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b90506020813d60201161405a575b8161400260209383612ee6565b8101031261030057517fffffffff0000000000000000000000000000000000000000000000000000000081168103610300577fffffffff00000000000000000000000000000000000000000000000000000000613f6f565b3d9150613ff5565b6040513d5f823e3d90fd5b50505050565b804211156140b25750804210156140875750565b7f3d91b05f000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b7f7a4df079000000000000000000000000000000000000000000000000000000005f5260045260245ffd5b9391949290945f955f9573ffffffffffffffffffffffffffffffffffffffff821694855f525f6020527f800000000000000000000000000000000000000000000000000000000000000060405f20541661435d579291908160208201525b8385106141635750505050508361414f5750565b5f525f60205260405f208284038154019055565b90919293965f98604089013560428a013560801b908060c01c905f9063ffffffff8160701c1690814210155f1461424d5750506001915b82156141e85750606294936127109389938f935f526020527fdff464ffe064fceb36698bc25b6e659340127df6610e494937071edd35fca59a60405fa25b019b02040197019392919061413b565b949392909c5087915086859d8e965f527fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef60205fa37f997ea7f1bf0ebaa733524bb66b9be425b843dc14126bb4a7b98322807d9f73185f80a2606293612710926141d8565b8361425c57505060079161419a565b90915065ffffffffffff5f918460408a015260901c169182606089015260808801528360a088015260c0872060e28801528c7f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0610140890191604260c08b012083526020810135907f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff82169160ff1c601b016101608c0152356101808b0152806101a08b01521115614345575b5082819273ffffffffffffffffffffffffffffffffffffffff8316155f146143375750505060025b9161419a565b6143409261491c565b614331565b6020915060805f9182805260015afa505f515f614309565b9650505050919350505b8181106143765750505f905f90565b6040515f8152600660208201527fdff464ffe064fceb36698bc25b6e659340127df6610e494937071edd35fca59a60407fffffffffffffffffffffffffffffffff00000000000000000000000000000000604285013560801b1692a26062810180911115614367577f4e487b71000000000000000000000000000000000000000000000000000000005f52601160045260245ffd5b617e904201804211612b7e5762015180900490565b907f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a084116144c9576020935f9360ff60809461445a613809565b9060405190898201927f19010000000000000000000000000000000000000000000000000000000000008452602283015260428201526042815261449f606282612ee6565b5190209360405194855216868401526040830152606082015282805260015afa15614062575f5190565b505050505f90565b95946144ef92939460a2830135958360428895013560801b99614649565b939091806145d5575067ffffffffffffffff957f7c76c2376377cf14f61c442e023c427a9fb060c7470af1deddf9bae1833fb8e59373ffffffffffffffffffffffffffffffffffffffff602094847fffffffffffffffffffffffffffffffff000000000000000000000000000000009560c01c9a8b9160801c1601975f52600d86528760405f20551690815f525f855260405f208981540190557fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef8573ffffffffffffffffffffffffffffffffffffffff604051938c85521692a36040519485521692a2565b7ff80e11ab7ee0793ef565031734935d9b472c398b0f489efde7599ec9cfe755f19450604093507fffffffffffffffffffffffffffffffff00000000000000000000000000000000929596915073ffffffffffffffffffffffffffffffffffffffff84519616865260208601521692a25f90565b9190939592955f965f955f947f8000000000000000000000000000000000000000000000000000000000000000851661490a5763ffffffff8960601c1697884210156148fa578960c01c9687156148e95750506040820135978860c01c80604084015263ffffffff65ffffffffffff8b60901c169a8b606086015260701c166080840152604284013560801b60a084015260c083209a6146ea8c8686614a4c565b9b5f528b60205260405f209a8c73ffffffffffffffffffffffffffffffffffffffff8116156148d7575073ffffffffffffffffffffffffffffffffffffffff8d165f525f60205260405f2054907f800000000000000000000000000000000000000000000000000000000000000082166148c65765ffffffffffff8260a01c16808203911091821561489e575b50501561488f5767ffffffffffffffff9060801c16908a5f52600d6020528160405f20540361488057888201116148725791606260a08b73ffffffffffffffffffffffffffffffffffffffff969461480e96604051927ff92ca69eb6a57cbb2f0cfb3504398489e6f713575487cc60b151640a1f5920d0845260208401528c60408401526060830152608082015220920190614a4c565b168015918215614851575b5050614848578211614840576bffffffffffffffffffffffff161061483a57565b60049350565b50600b945050565b50600895505050565b73ffffffffffffffffffffffffffffffffffffffff16141590505f80614819565b5060099a5050505050505050565b5060059b505050505050505050565b50600a9b505050505050505050565b60408210925090826148b4575b50505f80614777565b600192506060011c1615155f806148ab565b5060039d5050505050505050505050565b60029e509c5050505050505050505050565b60079b509099509750505050505050565b60019a5098509496505050505050565b50600698505f97508796505050505050565b92915f935f525f60205260405f209182547f80000000000000000000000000000000000000000000000000000000000000008116614a425765ffffffffffff8160a01c1680920391604083105f146149ae5750906001906060011b908181166149a457175b816bffffffffffffffffffffffff82161061499b57039055565b50600493505050565b5060059450505050565b61043f8311614a375767800000000000000067ffffffffffffffff7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc1856bffffffffffffffffffffffff94010160a01b947fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc1828660601c1691011c161760601b91161717614981565b506005955050505050565b5060039450505050565b907f7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0909392935f9460e2840152610140830192604260c082012084526101a06020830135917f7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff831693849360ff1c601b016101608301523561018082015201521115614ad55750565b602091925060805f9182805260015afa505f519056' as const
export const KRW_TOKEN_CODE_HASH = '0x5a0be63a7f1a27754165e5509fe3fbba5e464f1d268546afd77cab816327950b' as const
