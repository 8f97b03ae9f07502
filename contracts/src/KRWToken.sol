// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Refunds} from "./Refunds.sol";
import {IKIP7, IKIP7Metadata, IKIP7Receiver, IKIP13} from "./interfaces/IKIP7.sol";

/// @title A KRW stablecoin that settles point-of-sale payments
/// @notice One unit is one won. Not upgradeable; no constructor arguments and no immutables, so that the code and
///         its hash are the same on every chain.
contract KRWToken is Refunds {
    /// @dev Everything that the deployment decides, in one call.
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

    struct SettlerLimit {
        address account;
        uint96 dailyLimit;
    }

    struct MinterLimit {
        address account;
        uint96 allowance;
        uint96 dailyLimit;
    }

    /// @notice What an account word says.
    struct Account {
        /// @dev Won.
        uint96 balance;
        /// @dev Bit i: nonce base + i is used.
        uint64 window;
        /// @dev Lowest nonce of the window; all below it are used.
        uint48 base;
        /// @dev Whether the account neither sends nor receives.
        bool frozen;
    }

    /// @notice Also the name of the signing domain.
    string public constant name = "KRWToken";
    /// @notice Ticker.
    string public constant symbol = "KRWT";
    /// @notice One unit is one won.
    uint8 public constant decimals = 0;

    /// @notice The roles were handed over before.
    error AlreadySetUp();
    /// @notice The contract at `receiver` did not accept KIP-7 tokens.
    error ReceiverRefused(address receiver);

    /// @dev The creator owns the token only until it calls setUp, in the same transaction (see BaroFactory).
    constructor() {
        owner = msg.sender;
    }

    /// @notice The creator hands every role over, once. Emits the event of every setting.
    ///         Reverts with NotAllowed, AlreadySetUp, ZeroAddress, FeeCapTooHigh or AccountFrozen.
    function setUp(SetUp calldata settings) external onlyOwner {
        if (_deploymentBlock != 0) revert AlreadySetUp();
        if (settings.owner == address(0)) revert ZeroAddress();
        _deploymentBlock = uint64(block.number);
        _setPauser(settings.pauser);
        _setFreezer(settings.freezer);
        _setFeeRecipient(settings.feeRecipient);
        _setFeeCap(settings.feeCapBasisPoints);
        _setSupplyCap(settings.supplyCap);
        for (uint256 i; i < settings.settlers.length; ++i) {
            _setSettler(settings.settlers[i].account, settings.settlers[i].dailyLimit);
        }
        for (uint256 i; i < settings.minters.length; ++i) {
            MinterLimit calldata minter = settings.minters[i];
            _setMinter(minter.account, minter.allowance, minter.dailyLimit);
        }
        owner = settings.owner;
        emit OwnershipTransferred(msg.sender, settings.owner);
    }

    /// @notice Block of the deployment: no log of this token is older.
    function deploymentBlock() external view returns (uint256) {
        return _deploymentBlock;
    }

    /// @notice Balance, replay window and frozen flag of many accounts at one block.
    function accounts(address[] calldata addresses) external view returns (Account[] memory found) {
        found = new Account[](addresses.length);
        for (uint256 i; i < addresses.length; ++i) {
            uint256 word = _accounts[addresses[i]];
            found[i] = Account({
                balance: uint96(word),
                window: uint64(word >> WINDOW_SHIFT),
                base: uint48(word >> BASE_SHIFT),
                frozen: word & FROZEN_BIT != 0
            });
        }
    }

    /// @notice Transfer that a contract at `to` must accept (KIP-7).
    function safeTransfer(address to, uint256 value) external {
        safeTransfer(to, value, "");
    }

    /// @notice Transfer with data that a contract at `to` must accept (KIP-7).
    function safeTransfer(address to, uint256 value, bytes memory data) public {
        transfer(to, value);
        _requireAccepted(msg.sender, to, value, data);
    }

    /// @notice Transfer from an allowance that a contract at `to` must accept (KIP-7).
    function safeTransferFrom(address from, address to, uint256 value) external {
        safeTransferFrom(from, to, value, "");
    }

    /// @notice Transfer with data from an allowance that a contract at `to` must accept (KIP-7).
    function safeTransferFrom(address from, address to, uint256 value, bytes memory data) public {
        transferFrom(from, to, value);
        _requireAccepted(from, to, value, data);
    }

    /// @notice KIP-13 and ERC-165.
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IKIP13).interfaceId || interfaceId == type(IKIP7).interfaceId
            || interfaceId == type(IKIP7Metadata).interfaceId;
    }

    /// @dev Comes last: the receiver finds everything settled, whatever it calls.
    function _requireAccepted(address from, address to, uint256 value, bytes memory data) private {
        if (to.code.length == 0) return;
        bytes4 answer = IKIP7Receiver(to).onKIP7Received(msg.sender, from, value, data);
        if (answer != IKIP7Receiver.onKIP7Received.selector) revert ReceiverRefused(to);
    }
}
