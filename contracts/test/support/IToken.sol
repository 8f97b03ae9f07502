// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title KRWToken as the tests call it; the code itself is the product's compiled bytecode
interface IToken {
    struct SettlerLimit {
        address account;
        uint96 dailyLimit;
    }

    struct MinterLimit {
        address account;
        uint96 allowance;
        uint96 dailyLimit;
    }

    struct SetUp {
        address owner;
        address pauser;
        address freezer;
        address feeRecipient;
        uint16 feeCapBasisPoints;
        uint96 supplyCap;
        SettlerLimit[] settlers;
        MinterLimit[] minters;
    }

    struct Account {
        uint96 balance;
        uint64 window;
        uint48 base;
        bool frozen;
    }

    struct Settler {
        uint96 dailyLimit;
        uint96 spent;
        uint32 day;
    }

    struct Minter {
        uint96 allowance;
        uint96 dailyLimit;
        uint40 updatedAt;
        uint96 level;
    }

    struct Config {
        address feeRecipient;
        uint16 feeCapBasisPoints;
        bool paused;
    }

    struct RefundKey {
        address key;
        uint40 dailyLimit;
        uint40 spent;
        uint16 day;
    }

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Paid(bytes16 indexed invoice);
    event Skipped(bytes16 indexed invoice, address payer, uint256 reason);
    event Refunded(bytes16 indexed invoice, uint256 refunded);
    event RefundSkipped(bytes16 indexed invoice, address payer, uint256 reason);

    error AlreadySetUp();
    error AccountFrozen(address account);
    error AuthorizationExpired(uint256 validBefore);
    error AuthorizationNotYetValid(uint256 validAfter);
    error AuthorizationUsedOrCanceled(address authorizer, bytes32 nonce);
    error CallerMustBePayee(address caller);
    error CaseIdMissing();
    error FeeAboveCap(uint256 feeBasisPoints);
    error FeeCapTooHigh(uint256 feeCapBasisPoints);
    error FreezeRefused(address account);
    error InsufficientAllowance(address spender, uint256 allowed, uint256 needed);
    error InsufficientBalance(address account, uint256 balance, uint256 needed);
    error InvalidSignature();
    error MalformedBatch();
    error MinterAllowanceExceeded(uint256 allowed, uint256 wanted);
    error MinterDailyLimitExceeded(uint256 available, uint256 wanted);
    error NotAllowed(address caller);
    error ReceiverRefused(address receiver);
    error SettlerDailyLimitExceeded(uint256 available, uint256 wanted);
    error SignatureExpired(uint256 deadline);
    error SupplyCapBelowSupply(uint256 supplyCap, uint256 supply);
    error SupplyCapExceeded(uint256 supplyCap, uint256 wanted);
    error TokenPaused();
    error ZeroAddress();

    function setUp(SetUp calldata settings) external;
    function deploymentBlock() external view returns (uint256);
    function name() external view returns (string memory);
    function symbol() external view returns (string memory);
    function decimals() external view returns (uint8);
    function totalSupply() external view returns (uint256);
    function supplyCap() external view returns (uint256);
    function balanceOf(address account) external view returns (uint256);
    function allowance(address owner, address spender) external view returns (uint256);
    function transfer(address to, uint256 value) external returns (bool);
    function approve(address spender, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
    function safeTransfer(address to, uint256 value) external;
    function safeTransfer(address to, uint256 value, bytes calldata data) external;
    function safeTransferFrom(address from, address to, uint256 value) external;
    function safeTransferFrom(address from, address to, uint256 value, bytes calldata data) external;
    function supportsInterface(bytes4 interfaceId) external view returns (bool);
    function accounts(address[] calldata addresses) external view returns (Account[] memory);
    function owner() external view returns (address);
    function pendingOwner() external view returns (address);
    function pauser() external view returns (address);
    function freezer() external view returns (address);
    function config() external view returns (Config memory);
    function settlerOf(address settler) external view returns (Settler memory);
    function minterOf(address minter) external view returns (Minter memory);
    function transferOwnership(address to) external;
    function acceptOwnership() external;
    function setPauser(address account) external;
    function setFreezer(address account) external;
    function setSettler(address account, uint96 dailyLimit) external;
    function setMinter(address account, uint96 allowance_, uint96 dailyLimit) external;
    function setFeeRecipient(address account) external;
    function setFeeCap(uint16 basisPoints) external;
    function setSupplyCap(uint96 cap) external;
    function pause() external;
    function unpause() external;
    function setFrozen(address account, bool frozen, bytes32 caseId) external;
    function mint(address to, uint96 value) external;
    function burn(uint96 value) external;
    function DOMAIN_SEPARATOR() external view returns (bytes32);
    function nonces(address owner) external view returns (uint256);
    function authorizationState(address authorizer, bytes32 nonce) external view returns (bool);
    function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external;
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;
    function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external;
    function settleBatch(bytes calldata batch) external;
    function refundBatch(bytes calldata batch) external;
    function refundKeyOf(address merchant) external view returns (RefundKey memory);
    function refundedOf(bytes32 payment) external view returns (uint256);
    function setRefundKey(address key, uint40 dailyLimit) external;
    function registerRefundKey(
        address merchant,
        address key,
        uint40 dailyLimit,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;
}
