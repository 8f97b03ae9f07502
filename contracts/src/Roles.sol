// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccountBook} from "./AccountBook.sol";

/// @title Who may do what
/// @notice The owner names the others and sets limits; no role, the owner included, can move money of an account.
abstract contract Roles is AccountBook {
    /// @notice A key that may submit batches.
    struct Settler {
        /// @dev Won that it may settle on one Seoul day; 0 is no settler. Bits 0-95 of its word.
        uint96 dailyLimit;
        /// @dev Won settled on `day`. Bits 96-191.
        uint96 spent;
        /// @dev Seoul day of `spent`, counted from 1970. Bits 192-223.
        uint32 day;
    }

    /// @notice What holds for every batch.
    struct Config {
        address feeRecipient;
        uint16 feeCapBasisPoints;
        bool paused;
    }

    /// @dev A key that may create won.
    struct Minter {
        /// @dev Won that it may still mint in all.
        uint96 allowance;
        /// @dev Size of its bucket, which refills evenly within a day.
        uint96 dailyLimit;
        /// @dev When `level` was written, in seconds since 1970.
        uint40 updatedAt;
        /// @dev Won in the bucket at `updatedAt`.
        uint96 level;
    }

    /// @notice No fee cap can be set above this: 10 %.
    uint256 public constant HIGHEST_FEE_CAP_BASIS_POINTS = 1_000;
    uint256 private constant SEOUL_OFFSET_SECONDS = 9 hours;

    /// @notice Names the other roles and sets limits.
    address public owner;
    /// @notice May become owner by accepting; zero is nobody.
    address public pendingOwner;
    /// @notice May stop every movement of money.
    address public pauser;
    /// @notice May stop single accounts.
    address public freezer;
    /// @dev Settler words by key.
    mapping(address settler => uint256 word) internal _settlers;
    mapping(address minter => Minter) internal _minters;
    /// @dev Won in existence, and how many may be.
    uint96 internal _supply;
    uint96 internal _supplyCap;
    /// @dev Block of the set-up; 0 before it.
    uint64 internal _deploymentBlock;

    /// @notice `pendingOwner` may accept now.
    event OwnershipTransferStarted(address indexed owner, address indexed pendingOwner);
    /// @notice `to` is the owner now.
    event OwnershipTransferred(address indexed from, address indexed to);
    /// @notice The role moved; zero leaves it empty.
    event PauserChanged(address indexed pauser);
    /// @notice The role moved; zero leaves it empty.
    event FreezerChanged(address indexed freezer);
    /// @notice `settler` may settle `dailyLimit` won a Seoul day; 0 is no settler.
    event SettlerChanged(address indexed settler, uint256 dailyLimit);
    /// @notice `minter` may mint `allowance` won in all and `dailyLimit` a day.
    event MinterChanged(address indexed minter, uint256 allowance, uint256 dailyLimit);
    /// @notice Fees go to `feeRecipient` from now on.
    event FeeRecipientChanged(address indexed feeRecipient);
    /// @notice No batch may charge more than this.
    event FeeCapChanged(uint256 feeCapBasisPoints);
    /// @notice No more won than this may exist.
    event SupplyCapChanged(uint256 supplyCap);
    /// @notice No money moves from now on.
    event Paused(address indexed pauser);
    /// @notice Money moves again.
    event Unpaused(address indexed owner);
    /// @notice `caseId` names the file that says why.
    event FrozenChanged(address indexed account, bool frozen, bytes32 indexed caseId);

    /// @notice `caller` does not hold the role that this call needs.
    error NotAllowed(address caller);
    /// @notice This setting needs an account.
    error ZeroAddress();
    /// @notice Above HIGHEST_FEE_CAP_BASIS_POINTS.
    error FeeCapTooHigh(uint256 feeCapBasisPoints);
    /// @notice More won exist already.
    error SupplyCapBelowSupply(uint256 supplyCap, uint256 supply);
    /// @notice `wanted` won would exist.
    error SupplyCapExceeded(uint256 supplyCap, uint256 wanted);
    /// @notice The minter's total is used up to `allowed`.
    error MinterAllowanceExceeded(uint256 allowed, uint256 wanted);
    /// @notice The minter's bucket holds `available` won now.
    error MinterDailyLimitExceeded(uint256 available, uint256 wanted);
    /// @notice The settler may settle `available` won more on this Seoul day.
    error SettlerDailyLimitExceeded(uint256 available, uint256 wanted);
    /// @notice A freeze needs a case.
    error CaseIdMissing();
    /// @notice The zero address and the token stay frozen; the fee recipient must not be.
    error FreezeRefused(address account);

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotAllowed(msg.sender);
        _;
    }

    /// @notice Won in existence.
    function totalSupply() external view returns (uint256) {
        return _supply;
    }

    /// @notice Won that may exist.
    function supplyCap() external view returns (uint256) {
        return _supplyCap;
    }

    /// @notice Fee recipient, highest fee in basis points, and whether the token is paused.
    function config() external view returns (Config memory) {
        uint256 word = _config;
        return Config(address(uint160(word)), uint16(word >> FEE_CAP_SHIFT), word & PAUSED_BIT != 0);
    }

    /// @notice Limit of a settler and what it settled on `day`.
    function settlerOf(address settler) external view returns (Settler memory) {
        uint256 word = _settlers[settler];
        return Settler(uint96(word), uint96(word >> 96), uint32(word >> 192));
    }

    /// @notice Allowance, limit and bucket of a minter as last written.
    function minterOf(address minter) external view returns (Minter memory) {
        return _minters[minter];
    }

    /// @notice Owner names the next owner, who must accept. Emits OwnershipTransferStarted.
    function transferOwnership(address to) external onlyOwner {
        pendingOwner = to;
        emit OwnershipTransferStarted(msg.sender, to);
    }

    /// @notice The named account becomes owner. Emits OwnershipTransferred.
    function acceptOwnership() external {
        if (msg.sender != pendingOwner) revert NotAllowed(msg.sender);
        emit OwnershipTransferred(owner, msg.sender);
        owner = msg.sender;
        pendingOwner = address(0);
    }

    /// @notice Owner names the pauser; zero leaves the role empty.
    function setPauser(address account) external onlyOwner {
        _setPauser(account);
    }

    /// @notice Owner names the freezer; zero leaves the role empty.
    function setFreezer(address account) external onlyOwner {
        _setFreezer(account);
    }

    /// @notice Owner lets `account` settle up to `dailyLimit` won a Seoul day; 0 takes the role away.
    function setSettler(address account, uint96 dailyLimit) external onlyOwner {
        _setSettler(account, dailyLimit);
    }

    /// @notice Owner lets `account` mint `allowance_` won in all and `dailyLimit` a day; the bucket starts full.
    function setMinter(address account, uint96 allowance_, uint96 dailyLimit) external onlyOwner {
        _setMinter(account, allowance_, dailyLimit);
    }

    /// @notice Owner names who receives fees: neither zero nor frozen.
    function setFeeRecipient(address account) external onlyOwner {
        _setFeeRecipient(account);
    }

    /// @notice Owner sets the highest fee of a batch, at most HIGHEST_FEE_CAP_BASIS_POINTS.
    function setFeeCap(uint16 basisPoints) external onlyOwner {
        _setFeeCap(basisPoints);
    }

    /// @notice Owner sets how many won may exist, never below the supply.
    function setSupplyCap(uint96 cap) external onlyOwner {
        _setSupplyCap(cap);
    }

    /// @notice Pauser stops every movement of money. Emits Paused.
    function pause() external {
        if (msg.sender != pauser) revert NotAllowed(msg.sender);
        _config |= PAUSED_BIT;
        emit Paused(msg.sender);
    }

    /// @notice Owner lets money move again: who stops cannot start. Emits Unpaused.
    function unpause() external onlyOwner {
        _config &= ~PAUSED_BIT;
        emit Unpaused(msg.sender);
    }

    /// @notice Freezer stops or frees one account under a case id. Emits FrozenChanged.
    function setFrozen(address account, bool frozen, bytes32 caseId) external {
        if (msg.sender != freezer) revert NotAllowed(msg.sender);
        if (caseId == 0) revert CaseIdMissing();
        if (account == address(0) || account == address(this) || account == address(uint160(_config))) {
            revert FreezeRefused(account);
        }
        uint256 word = _accounts[account] & ~FROZEN_BIT;
        _accounts[account] = frozen ? word | FROZEN_BIT : word;
        emit FrozenChanged(account, frozen, caseId);
    }

    /// @notice Minter creates `value` won for `to` within its allowance, its bucket and the supply cap.
    function mint(address to, uint96 value) external whenNotPaused {
        _spendMinter(value);
        uint256 supply = uint256(_supply) + value;
        if (supply > _supplyCap) revert SupplyCapExceeded(_supplyCap, supply);
        _supply = uint96(supply);
        _credit(to, value);
        emit Transfer(address(0), to, value);
    }

    /// @notice Minter destroys `value` of its own won, after a redemption. Its allowance does not grow back.
    function burn(uint96 value) external whenNotPaused {
        if (_minters[msg.sender].dailyLimit == 0) revert NotAllowed(msg.sender);
        _debit(msg.sender, value);
        unchecked {
            _supply -= value;
        }
        emit Transfer(msg.sender, address(0), value);
    }

    function _spendMinter(uint96 value) private {
        Minter memory minter = _minters[msg.sender];
        if (minter.dailyLimit == 0) revert NotAllowed(msg.sender);
        if (minter.allowance < value) revert MinterAllowanceExceeded(minter.allowance, value);
        uint256 refilled = uint256(minter.level) + (block.timestamp - minter.updatedAt) * minter.dailyLimit / 1 days;
        uint256 available = refilled < minter.dailyLimit ? refilled : minter.dailyLimit;
        if (available < value) revert MinterDailyLimitExceeded(available, value);
        unchecked {
            minter.allowance -= value;
            minter.level = uint96(available - value);
        }
        minter.updatedAt = uint40(block.timestamp);
        _minters[msg.sender] = minter;
    }

    /// @dev Counts `won` against the settler's Seoul day; `word` is its word.
    function _spendSettler(uint256 word, uint256 won) internal {
        uint256 limit = uint96(word);
        uint256 day = _seoulDay();
        uint256 spent = uint32(word >> 192) == day ? uint96(word >> 96) : 0;
        unchecked {
            uint256 available = spent < limit ? limit - spent : 0;
            if (won > available) revert SettlerDailyLimitExceeded(available, won);
            _settlers[msg.sender] = limit | (spent + won) << 96 | day << 192;
        }
    }

    function _seoulDay() internal view returns (uint256) {
        return (block.timestamp + SEOUL_OFFSET_SECONDS) / 1 days;
    }

    function _setPauser(address account) internal {
        pauser = account;
        emit PauserChanged(account);
    }

    function _setFreezer(address account) internal {
        freezer = account;
        emit FreezerChanged(account);
    }

    function _setSettler(address account, uint96 dailyLimit) internal {
        _settlers[account] = _settlers[account] >> 96 << 96 | dailyLimit;
        emit SettlerChanged(account, dailyLimit);
    }

    function _setMinter(address account, uint96 allowance_, uint96 dailyLimit) internal {
        _minters[account] = Minter(allowance_, dailyLimit, uint40(block.timestamp), dailyLimit);
        emit MinterChanged(account, allowance_, dailyLimit);
    }

    function _setFeeRecipient(address account) internal {
        if (account == address(0)) revert ZeroAddress();
        if (_accounts[account] & FROZEN_BIT != 0) revert AccountFrozen(account);
        _config = _config >> 160 << 160 | uint160(account);
        emit FeeRecipientChanged(account);
    }

    function _setFeeCap(uint16 basisPoints) internal {
        if (basisPoints > HIGHEST_FEE_CAP_BASIS_POINTS) revert FeeCapTooHigh(basisPoints);
        _config = _config & ~(uint256(type(uint16).max) << FEE_CAP_SHIFT) | uint256(basisPoints) << FEE_CAP_SHIFT;
        emit FeeCapChanged(basisPoints);
    }

    function _setSupplyCap(uint96 cap) internal {
        if (cap < _supply) revert SupplyCapBelowSupply(cap, _supply);
        _supplyCap = cap;
        emit SupplyCapChanged(cap);
    }
}
